// The page begins here.

import { render } from "preact";
import { connect } from "../lab/client.ts";
import { followAddress } from "./address.ts";
import { App } from "./app.tsx";
import { Session } from "./session.ts";
import "./styles/base.css";
import "./styles/lesson.css";
import "./styles/build.css";

const lab = connect();
const session = new Session(lab);
render(<App session={session} />, document.querySelector("#page")!);
void followAddress(lab, session);
