/** What a failure is made of: something that serves, and the call that fails on it. */
import type { Blamed, DiagnosedCause } from '../../../src/diagnosis/diagnosis.ts';

/** What was started, and is ended with it, the last first. */
export class Started {
  readonly #ends: (() => Promise<void> | void)[] = [];

  endedBy(end: () => Promise<void> | void): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) await end();
  }
}

/** Starts it; resolves with its port once it accepts. */
export type Serve = (started: Started) => Promise<number>;

export interface Setting {
  readonly serve: Serve;
  /** By default `localhost`. */
  readonly host?: string;
  /** Options of `wirelab why`. */
  readonly call: readonly string[];
  /** What the command runs under, for a clock or a network of its own. */
  readonly under?: readonly string[];
}

export interface Failure {
  readonly title: string;
  /** Programs that must be installed. */
  readonly needs?: readonly string[];
  /** The side to blame, and the causes that are right: the first is the best one. */
  readonly by: Blamed | readonly Blamed[];
  readonly causes: readonly DiagnosedCause[];
  /** @param sound the counterpart that works, which differs in one setting */
  readonly set: (sound: boolean) => Setting;
  /** In milliseconds. */
  readonly within?: number;
  /** The counterpart is a failure too by nature, of something else: it is not tried. */
  readonly hasNoCounterpart?: true;
}

/** What the TLS library of this process, which is the client, offers or refuses by itself since OpenSSL 3.5: the failure is none then. */
const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
export const isNewClient = major > 3 || (major === 3 && minor >= 5);

export type Either = <T>(sound: T, failing: T) => T;

/** @param of gets what chooses between the sound and the failing value of the one setting */
export function failure(
  title: string,
  by: Failure['by'],
  causes: Failure['causes'],
  of: (either: Either) => Setting,
  more: Pick<Failure, 'needs' | 'within' | 'hasNoCounterpart'> = {},
): Failure {
  return { title, by, causes, set: (sound) => of((one, other) => (sound ? one : other)), ...more };
}
