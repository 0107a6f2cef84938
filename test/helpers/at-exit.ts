/** What a test process leaves behind as it exits, however it does: one listener for all of it, so that there is no limit of them. */
const actions = new Set<() => void>();

process.on('exit', () => {
  for (const act of actions) act();
});

/** @returns takes it back: it was done meanwhile */
export function atExit(act: () => void): () => void {
  actions.add(act);
  return () => void actions.delete(act);
}
