import charts from "./ko/charts.json";
import common from "./ko/common.json";
import errors from "./ko/errors.json";
import shell from "./ko/shell.json";
import ui from "./ko/ui.json";

export default { charts, common, errors, shell, ui };
