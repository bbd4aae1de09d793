// Where everything starts: the set-up and one-time links on /setup.html, the administration on /.
import { render } from "preact";
import { App } from "./app";
import { SetupApp } from "./pages/setup";

const place = document.getElementById("app")!;

render(location.pathname === "/setup.html" ? <SetupApp /> : <App />, place);
