from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from PIL import Image

from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.frameworks.builtin.plugins import PluginReader
from trainwright.frameworks.builtin.registry import (
    Setting,
    options_of,
    register_dataset,
    register_model,
)
from trainwright.frameworks.builtin.trained import load_trained
from trainwright.settings import Home
from trainwright.spec import DataError, RunDir, RunSpec

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin_model.py"


@pytest.fixture
def plugins(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home.path))
    home.plugins.mkdir(parents=True)
    return home.plugins


def test_the_example_is_offered_with_its_options(plugins: Path) -> None:
    shutil.copy(EXAMPLE, plugins)
    adapter = BuiltinAdapter()
    model = adapter.load_model("two_layer")
    assert model.title == "Two layers"
    assert model.description == "A convolution and a linear layer."
    options = adapter.get_config_options()
    assert [(o.name, o.default, o.maximum) for o in options["models.two_layer"]] == [
        ("width", 16, 512)
    ]
    assert [o.name for o in options["datasets.stripes"]] == ["samples"]
    spec = RunSpec(
        model="builtin/two_layer", dataset="stripes", overrides={"width": 0, "samples": 99}
    )
    assert [f.field for f in adapter.check(spec)] == ["overrides.width"]


def test_the_example_trains_and_its_model_can_be_used(
    plugins: Path, tmp_path: Path, train: Callable[..., Any]
) -> None:
    shutil.copy(EXAMPLE, plugins)
    run = RunDir(tmp_path / "run")
    train(run, model="builtin/two_layer", dataset="stripes", epochs=3, augment="none")
    result = BuiltinAdapter().normalize_output(RunSpec(model="builtin/two_layer"), run)
    assert result.metrics["test/accuracy"]["final"] > 0.9
    out = tmp_path / "evaluation.json"
    subprocess.run(BuiltinAdapter().evaluate_argv(run, None, out), check=True)
    assert out.exists()
    code = EXAMPLE.read_text().replace("16 * width, num_classes", "16 * width, 1 + num_classes")
    (plugins / EXAMPLE.name).write_text(code)
    with pytest.raises(DataError, match="its code has changed since"):
        load_trained(run, Home(plugins.parent))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1/0", "ZeroDivisionError"),
        ("import no_such_package", "no_such_package"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import os; os._exit(7)", "status 7"),
        ("def broken(:", "SyntaxError"),
        ("import time; time.sleep(600)", "longer than"),
        (
            "from trainwright import register_model\n"
            "@register_model('lenet5')\ndef mine(num_classes: int): ...",
            "built-in",
        ),
        (
            "from trainwright import register_model\n"
            "@register_model('odd')\ndef odd(num_classes: int, what): ...",
            "needs an annotation",
        ),
    ],
)
def test_a_broken_plugin_is_told_and_harms_nobody(
    home: Home, plugins: Path, code: str, words: str
) -> None:
    (plugins / "broken.py").write_text(code)
    (plugins / "good.py").write_text(
        "print('noise on stdout')\nfrom trainwright import register_model\n"
        "@register_model('good')\ndef good(num_classes: int): ..."
    )
    found = PluginReader(home, timeout=15 if "sleep" not in code else 4).read()
    assert list(found.models) == ["good"]
    assert len(found.problems) == 1
    assert "broken.py" in found.problems[0]
    assert words in found.problems[0]


def test_a_plugin_is_read_once_until_it_changes(home: Home, plugins: Path, tmp_path: Path) -> None:
    marks = tmp_path / "reads"
    code = (
        f"open({str(marks)!r}, 'a').write('x')\nfrom trainwright import register_model\n"
        "@register_model('%s')\ndef build(num_classes: int): ..."
    )
    (plugins / "mine.py").write_text(code % "first")
    for _ in range(2):
        assert list(PluginReader(home).read().models) == ["first"]
    assert marks.read_text() == "x"
    (plugins / "mine.py").write_text(code % "second")
    assert list(PluginReader(home).read().models) == ["second"]
    assert marks.read_text() == "xx"


def test_what_a_plugin_starts_does_not_hold_anyone_up(home: Home, plugins: Path) -> None:
    (plugins / "mine.py").write_text(
        "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(600)"
    )
    [problem] = PluginReader(home, timeout=3).read().problems
    assert "longer than 3 s" in problem
    began = time.monotonic()
    again = PluginReader(home, timeout=60).read().problems
    assert again == [problem]
    assert time.monotonic() - began < 30  # the second was not waited for


def test_whatever_a_plugin_prints_its_offer_is_read(home: Home, plugins: Path) -> None:
    (plugins / "loud.py").write_text(
        "import atexit, os\natexit.register(print, 'bye')\nos.write(1, b'noise')\n"
        "from trainwright import register_model\n"
        "@register_model('loud')\ndef loud(num_classes: int): ..."
    )
    assert list(PluginReader(home).read().models) == ["loud"]


def test_of_two_plugins_with_one_name_the_second_is_left_out_whole(
    home: Home, plugins: Path
) -> None:
    code = "from trainwright import register_model\n" + "".join(
        f"@register_model({name!r})\ndef {name}(num_classes: int): ...\n" for name in ("{}", "same")
    )
    (plugins / "a.py").write_text(code.format("one", "one"))
    (plugins / "b.py").write_text(code.format("two", "two"))
    found = PluginReader(home).read()
    assert list(found.models) == ["one", "same"]
    assert [p.partition(":")[0] for p in found.problems] == ["plug-in b.py is left out"]
    assert "'same'" in found.problems[0]


def test_a_run_imports_only_the_plugins_it_needs(
    plugins: Path, tmp_path: Path, train: Callable[..., Any]
) -> None:
    mark = tmp_path / "imported-by"
    (plugins / "ends.py").write_text(
        f"import sys; open({str(mark)!r}, 'a').write(sys.argv[0] + '\\n'); sys.exit(0)"
    )
    folder = tmp_path / "photos"
    for shade, name in ((20, "dark"), (220, "light")):
        (folder / name).mkdir(parents=True)
        for i in range(6):
            Image.new("L", (28, 28), shade + i).save(folder / name / f"{i}.png")
    train(RunDir(tmp_path / "run"), model="builtin/mlp", dataset=str(folder), epochs=1)
    assert (tmp_path / "run" / "result.json").exists()
    shutil.copy(EXAMPLE, plugins)
    train(RunDir(tmp_path / "own"), model="builtin/two_layer", dataset="stripes", epochs=1)
    assert (tmp_path / "own" / "result.json").exists()
    assert not any("train.py" in line for line in mark.read_text().splitlines())


def test_a_needed_plugin_that_ends_the_process_is_an_error(
    plugins: Path, tmp_path: Path, train: Callable[..., Any]
) -> None:
    (plugins / "mine.py").write_text(
        "import sys\nfrom trainwright import register_model\n"
        "@register_model('mine')\ndef mine(num_classes: int): ...\n"
        "if 'train.py' in sys.argv[0]: sys.exit(0)"
    )
    done = train(RunDir(tmp_path / "run"), model="builtin/mine", dataset="digits", check=False)
    assert done.returncode == 2
    assert "plug-in mine.py cannot be imported: SystemExit" in done.stderr


def test_packages_offer_theirs_through_entry_points(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "mypack-1.0.dist-info").mkdir(parents=True)
    (site / "mypack-1.0.dist-info" / "METADATA").write_text("Name: mypack\nVersion: 1.0\n")
    (site / "mypack-1.0.dist-info" / "entry_points.txt").write_text(
        "[trainwright.models]\nmine = mypack.models\n"
    )
    (site / "mypack").mkdir()
    (site / "mypack" / "__init__.py").write_text("")
    (site / "mypack" / "models.py").write_text(
        "from trainwright import register_model\n"
        "@register_model('packed')\ndef packed(num_classes: int): ..."
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    assert list(PluginReader(home).read().models) == ["packed"]


def test_options_come_from_the_signature() -> None:
    def build(  # noqa: PLR0917
        num_classes: int,
        depth: Annotated[int, Setting(minimum=1, help="How deep.")] = 2,
        rate: float | None = None,
        kind: Literal["a", "b"] = "b",
        widths: tuple[int, ...] = (1, 2),
        flag: bool = False,
    ) -> None: ...

    found = [
        (o.name, o.type, o.default, o.choices, o.minimum)
        for o in options_of(build, frozenset({"num_classes"}))
    ]
    assert found == [
        ("depth", "int", 2, None, 1),
        ("rate", "float", None, None, None),
        ("kind", "choice", "b", ["a", "b"], None),
        ("widths", "list", [1, 2], None, None),
        ("flag", "bool", False, None, None),
    ]


@pytest.mark.parametrize("name", ["", "Two Words", "../up", "ü", "x" * 65])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        register_model(name)(lambda num_classes: None)
    with pytest.raises(ValueError, match="not a name"):
        register_dataset(name)(lambda: None)


def test_the_registry_needs_no_torch() -> None:
    code = "import sys, trainwright; trainwright.register_model; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
