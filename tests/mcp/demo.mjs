// The demo's server, as long as a test needs it: a day was played on a simulated GitHub, its pages and tools stay up.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const PATIENCE_MS = 120_000;

export const program = process.env.FLYBALL_PROGRAM ?? "target/debug/flyball";

// Gives where it is, and what ends it.
export async function demo() {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(program, ["demo"], {
    env: { ...process.env, FLYBALL_LISTEN: listen },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await dayIsOver(child);
  return { origin: `http://${listen}`, end: () => end(child) };
}

// The demo plays first and then says that its pages stay up.
function dayIsOver(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the demo did not come to its end:\n${said.slice(-2000)}`));
    }, PATIENCE_MS);
    child.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("stay up")) {
        clearTimeout(late);
        resolve();
      }
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the demo ended with ${code}:\n${said.slice(-2000)}`)));
  });
}

// Asks it to end as Ctrl-C does, and does not wait for ever.
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(late);
}

// A port that nothing listens on.
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
