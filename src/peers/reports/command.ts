/** What is reported of a command line tool, or of wirelab in its place. */

declare module '../../capture/event.ts' {
  interface Observations {
    kubectl: CommandReport<'kubectl'>;
    etcdctl: CommandReport<'etcdctl'>;
  }
}

/** What somebody had a command line tool ask a server for, in the tool's words, and what came of it. */
export interface CommandReport<Tool extends string> {
  readonly kind: Tool;
  /** The tool itself; or wirelab, which asks for the same where the tool is not installed. */
  readonly program: Tool | 'wirelab';
  /** Why wirelab did it: the tool is not here, would ask a person for a name and a password, does not speak what the server speaks, cannot send such headers, or is not meant. */
  readonly instead?: 'absent' | 'asks' | 'unspoken' | 'gateway' | 'headers';
  /** What was written into each request beside. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The tool's, numbers and dots. */
  readonly version?: string;
  /** What stands behind its name. */
  readonly line: string;
  /** Null when it had to be ended. */
  readonly exitCode: number | null;
  /** Standard output and standard error, from their beginnings. */
  readonly output: string;
  readonly words: string;
  /** Of what was asked for in its place and not reached: the code of the error. */
  readonly code?: string;
  /** The connections that it made. */
  readonly connections: readonly number[];
}
