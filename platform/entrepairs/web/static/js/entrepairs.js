// Comfort only: every page works without this file.
import { askBefore } from "./ask.js";
import { copyOnClick } from "./copy.js";
import { countSigns } from "./count.js";
import { focusErrors } from "./focus.js";
import { followNews } from "./follow.js";
import { closeMenus } from "./menus.js";
import { warnOfNames } from "./names.js";
import { sendOnce } from "./once.js";
import { followProgress } from "./progress.js";
import { tellSeen } from "./seen.js";

focusErrors();
askBefore();
sendOnce();
closeMenus();
countSigns();
warnOfNames();
copyOnClick();
followProgress();
followNews();
tellSeen();
