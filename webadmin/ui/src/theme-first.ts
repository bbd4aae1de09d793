// Runs before the first paint, so that nobody who chose dark sees a white flash.
import { applyTheme, storedTheme } from "./core/theme";

applyTheme(storedTheme());
