/** Reports about a command-line tool, or about wirelab's stand-in for it. */

declare module '../../capture/event.ts' {
  interface Observations {
    kubectl: CommandReport<'kubectl'>;
    etcdctl: CommandReport<'etcdctl'>;
  }
}

/** A request made with a command-line tool, in the tool's syntax, and its result. */
export interface CommandReport<Tool extends string> {
  readonly kind: Tool;
  /** The tool itself; or wirelab, which makes the same request where the tool is not installed. */
  readonly program: Tool | 'wirelab';
  /**
   * Why wirelab did it: the tool is not installed, would prompt for a name and a password, does not support the server's
   * protocol, cannot send such headers, or was not to be used.
   */
  readonly instead?: 'absent' | 'asks' | 'unspoken' | 'gateway' | 'headers';
  /** Extra headers of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The tool's version: numbers and dots. */
  readonly version?: string;
  /** The arguments. */
  readonly line: string;
  /** Null when it was killed. */
  readonly exitCode: number | null;
  /** Standard output and standard error, truncated. */
  readonly output: string;
  readonly words: string;
  /** Where wirelab's own request failed: the error code. */
  readonly code?: string;
  /** The connections that it made. */
  readonly connections: readonly number[];
}
