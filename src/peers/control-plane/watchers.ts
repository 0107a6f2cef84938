/**
 * Tracks whether the permanent clients of an API server are fully connected: each has opened a watch for every collection
 * that it listed. Fed with the server's requests; a list is followed by a watch of the same collection.
 */
import { resources } from '../../kube/apiserver/resources.ts';

const plurals = new Set(resources.map(({ plural }) => plural));

export class Watchers {
  readonly #listed = new Map<string, Set<string>>();
  readonly #watched = new Map<string, Set<string>>();
  readonly #waiting = new Set<() => void>();

  /** @param target as the client wrote it, with its query. */
  answered(hop: string, method: string, target: string, status: number): void {
    const [path = '', query = ''] = target.split('?');
    if (method !== 'GET' || status !== 200 || !plurals.has(path.split('/').at(-1) ?? '')) return;
    const seen = new URLSearchParams(query).get('watch') === 'true' ? this.#watched : this.#listed;
    seen.set(hop, (seen.get(hop) ?? new Set()).add(path));
    for (const look of this.#waiting) look();
  }

  /** Resolves when, on each of these wires, every listed collection is watched. Rejects when the signal aborts. */
  async on(hops: readonly string[], signal: AbortSignal): Promise<void> {
    const isSo = (): boolean =>
      hops.every(
        (hop) =>
          this.#listed.has(hop) &&
          [...(this.#listed.get(hop) ?? [])].every((path) => this.#watched.get(hop)?.has(path)),
      );
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const look = (): void => {
        if (!isSo()) return;
        end();
        resolve();
      };
      if (signal.aborted) return abort();
      this.#waiting.add(look);
      signal.addEventListener('abort', abort);
    });
  }
}
