"""Uses of a run's language model: what can be asked of it, and conversations."""

from __future__ import annotations

from collections.abc import Callable

from trainwright.server.services import Services
from trainwright.server.trained import check_trained
from trainwright.serving.language.talks import check_installed
from trainwright.spec.api import Abilities, Generated, GenerateRequest
from trainwright.spec.errors import InvalidRequestError, TrainwrightError
from trainwright.store.models import Run


def abilities(services: Services, run: Run) -> Abilities:
    """What can be asked of a run's model."""
    try:
        check_trained(run)
        model = services.serving.language_model(run.id, run.run_spec)
        if model is None:
            services.serving.recipe(run.id, run.run_spec)
            return Abilities(run_id=run.id, answers="labels")
        check_installed()
    except TrainwrightError as error:
        mended = f" ({error.mend})" if error.mend else ""
        return Abilities(run_id=run.id, answers=None, reason=f"{error.message}{mended}")
    return Abilities(
        run_id=run.id,
        answers="text",
        chat_template=model.chat_template,
        context_length=model.context_length,
    )


def answer(
    services: Services,
    run: Run,
    asked: GenerateRequest,
    *,
    tell: Callable[[str], None] = lambda _: None,
    gone: Callable[[], bool] = lambda: False,
) -> Generated:
    """What a run's language model says.

    Args:
        services: Where the models are.
        run: Whose model.
        asked: The conversation so far.
        tell: Told the answer piece by piece.
        gone: Whether nobody waits for it any more.

    Raises:
        ConflictError: The run has no model yet, or no language model.
        TrainwrightError: As `Talks.answer`.
    """
    check_trained(run)
    model = services.serving.language_model(run.id, run.run_spec)
    if model is None:
        raise InvalidRequestError(
            f"the model of run {run.name} names what is in images, and cannot talk",
            field="run_id",
            expected="a run that has left a language model",
            mend=f"trainwright predict {run.id} IMAGE",
        )
    return services.serving.talks.answer(run.id, model, asked, tell=tell, gone=gone)
