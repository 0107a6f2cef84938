/**
 * Sends a state that changes to viewers, as server-sent events. A viewer is sent what has changed since it was last written to,
 * so that a slow one skips states and nobody is waited for.
 *
 * 1. At most one message is under way to each viewer: what has not left is no longer than that. What comes meanwhile is sent
 *    together, when the viewer has taken it.
 * 2. A viewer that takes nothing for a while is dropped.
 */
import type { ServerResponse } from 'node:http';

/** What viewers are sent. */
export interface Changing {
  /** Grows with each change. */
  readonly revision: number;
  /** Everything that a viewer needs who has seen an earlier revision: one line. */
  since(revision: number): string;
}

export interface ViewersOptions {
  readonly state: Changing;
  /** Viewers at a time. */
  readonly most: number;
  /** How long a viewer may take nothing, in milliseconds. */
  readonly patience: number;
  /** How often a viewer without news is written to, in milliseconds. */
  readonly heartbeat: number;
  /** Called when the number of viewers changes. */
  readonly onCount?: (count: number) => void;
}

interface Viewer {
  readonly response: ServerResponse;
  /** What it was sent last. */
  revision: number;
  /** Set while it has not taken what it was sent. */
  deadline?: NodeJS.Timeout;
}

const blank = Buffer.from(':\n\n');

export class Viewers {
  readonly #options: ViewersOptions;
  readonly #viewers = new Set<Viewer>();
  readonly #pulse: NodeJS.Timeout;
  /** The message of the newest revision for those who have seen a revision. */
  readonly #messages = new Map<number, Buffer>();
  #newest = -1;

  constructor(options: ViewersOptions) {
    this.#options = options;
    this.#pulse = setInterval(() => this.#beat(), options.heartbeat).unref();
  }

  get count(): number {
    return this.#viewers.size;
  }

  get isFull(): boolean {
    return this.#viewers.size >= this.#options.most;
  }

  /** @param response whose head is written. @param revision what its viewer has seen */
  add(response: ServerResponse, revision: number): void {
    const viewer: Viewer = { response, revision };
    this.#viewers.add(viewer);
    response.on('close', () => {
      clearTimeout(viewer.deadline);
      if (this.#viewers.delete(viewer)) this.#options.onCount?.(this.count);
    });
    response.on('error', () => response.destroy());
    response.on('drain', () => {
      clearTimeout(viewer.deadline);
      delete viewer.deadline;
      this.#send(viewer);
    });
    this.#options.onCount?.(this.count);
    // The browser knows by this that it is connected.
    this.#write(viewer, Buffer.from('retry: 1000\n\n'));
    this.#send(viewer);
  }

  /** The state has changed. */
  publish(): void {
    for (const viewer of this.#viewers) this.#send(viewer);
  }

  /** Tells every viewer that nothing more will come. */
  close(): void {
    clearInterval(this.#pulse);
    for (const { response, deadline } of this.#viewers) {
      clearTimeout(deadline);
      response.end('event: end\ndata:\n\n');
    }
  }

  #send(viewer: Viewer): void {
    const { revision } = this.#options.state;
    if (viewer.deadline || viewer.revision >= revision) return;
    const message = this.#messageSince(viewer.revision);
    viewer.revision = revision;
    this.#write(viewer, message);
  }

  #write(viewer: Viewer, message: Buffer): void {
    const { response } = viewer;
    if (response.write(message) || viewer.deadline) return;
    viewer.deadline = setTimeout(() => response.destroy(), this.#options.patience).unref();
  }

  #beat(): void {
    for (const viewer of this.#viewers) if (!viewer.deadline) this.#write(viewer, blank);
  }

  /** Most viewers have seen the same: the message is made once. */
  #messageSince(revision: number): Buffer {
    const { state } = this.#options;
    if (this.#newest !== state.revision) {
      this.#messages.clear();
      this.#newest = state.revision;
    }
    const known = this.#messages.get(revision);
    if (known) return known;
    const made = Buffer.from(`id: ${state.revision}\ndata: ${state.since(revision)}\n\n`);
    this.#messages.set(revision, made);
    return made;
  }
}
