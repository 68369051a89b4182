// Once a jest run, after the last test: ends the engines and waits until they and their folder are gone.
export default async () => {
  const child = globalThis.testEngines;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end();
  await gone;
};
