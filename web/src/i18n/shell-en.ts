import charts from "./en/charts.json";
import common from "./en/common.json";
import errors from "./en/errors.json";
import shell from "./en/shell.json";
import ui from "./en/ui.json";

export default { charts, common, errors, shell, ui };
