// A host of the module: it has the clock and the network, and the module has the protocol.
//   node host.mjs MODULE BASE_URL
import { readFile } from "node:fs/promises";

const [path, baseUrl] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(path), {});
const module = instance.exports;

// Writes JSON into the module's memory, calls a function, and reads JSON back.
function call(name, input) {
  const bytes = new TextEncoder().encode(JSON.stringify(input));
  const at = module.input(bytes.length);
  if (at === 0) throw new Error("the input is too long");
  new Uint8Array(module.memory.buffer, at, bytes.length).set(bytes);
  const length = module[name]();
  // Memory that has grown is another buffer.
  const output = new Uint8Array(module.memory.buffer, module.output(), length);
  const text = new TextDecoder().decode(output);
  const parsed = JSON.parse(text);
  if (parsed.error) throw new Error(parsed.error);
  return parsed;
}

// These are fetch's own.
const NOT_OURS = ["host", "content-length", "connection"];

async function send(baseUrl, credentials) {
  const request = call("request", { base_url: baseUrl, ...credentials });
  const sentAt = Math.floor(Date.now() / 1000);
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers.filter(([name]) => !NOT_OURS.includes(name)),
    body: request.body,
    redirect: "manual",
    signal: AbortSignal.timeout(60_000),
  });
  return call("token", {
    base_url: baseUrl,
    sent_at: sentAt,
    status: response.status,
    headers: [...response.headers],
    body: await response.text(),
  });
}

// The emulator's sample account.
const credentials = {
  client_id: "3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11",
  client_secret: "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55",
  username: "john_developer@hotmail.com",
  password: "Travel&Expense$2012",
};

let result = await send(baseUrl, credentials);
if (result.elsewhere) result = await send(result.elsewhere, credentials);
if (result.elsewhere) throw new Error(`the user lives in a second place: ${result.elsewhere}`);
const { access_token: token, expires_at, base_url } = result.token;
console.log(`a token of ${token.length} bytes for ${base_url}, until ${new Date(expires_at * 1000).toISOString()}`);

try {
  await send(baseUrl, { ...credentials, password: "wrong" });
} catch (error) {
  console.log(`a wrong password: ${error.message}`);
}
