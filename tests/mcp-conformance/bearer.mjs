// Puts the gateway's token on every request of the suite, which has no option for one.
import http from "node:http";
import { createRequire, syncBuiltinESMExports } from "node:module";

const { Agent, setGlobalDispatcher } = createRequire(process.argv[1])("undici");
const authorization = `Bearer ${process.env.BPX_TOKEN}`;

// Most of it goes through undici, whose headers come in three forms.
const withToken = (dispatch) => (options, handler) => {
  const headers = options.headers ?? {};
  if (Array.isArray(headers)) {
    return dispatch({ ...options, headers: [...headers, "authorization", authorization] }, handler);
  }
  const entries = typeof headers[Symbol.iterator] === "function" ? Object.fromEntries(headers) : headers;
  return dispatch({ ...options, headers: { ...entries, authorization } }, handler);
};
setGlobalDispatcher(new Agent().compose(withToken));

// What tries odd headers goes through Node itself.
const request = http.request;
http.request = (...given) => {
  const made = request(...given);
  made.setHeader("authorization", authorization);
  return made;
};
syncBuiltinESMExports();
