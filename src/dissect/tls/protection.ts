/**
 * Which keys protect the records of one direction, and at which number. It opens records if the key ring allows; how is
 * `key-schedule.ts`'s part.
 *
 * 1. TLS 1.2: keys change at the ChangeCipherSpec, numbers count every record since then.
 * 2. TLS 1.3: a record that does not open under the present secret is tried as number 0 of the next one: application
 *    after handshake, and the updated secret after a KeyUpdate. Nothing else has to be believed about the other side.
 * 3. Until a secret has opened its first record each is tried as its number 0: early data stands before the first one.
 */
import type { Side } from '../../capture/event.ts';
import { fromHex } from '../../core/hex.ts';
import type { Agreement } from './agreement.ts';
import { contentTypes, isTls13 } from './codes.ts';
import { aeadSuite, keyBlock12, nextTrafficSecret, openRecord, trafficKeys } from './key-schedule.ts';
import type { AeadSuite, OpenedRecord, TrafficKeys } from './key-schedule.ts';
import type { KeyRing } from './keylog.ts';

const labels: Readonly<Record<Side, readonly [handshake: string, application: string]>> = {
  client: ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0'],
  server: ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'],
};
const application = 1;

export class Protection {
  readonly #from: Side;
  readonly #agreement: Agreement;
  readonly #keys: KeyRing;
  /** TLS 1.2: set by the ChangeCipherSpec; `keys` is missing where the master secret is. */
  #epoch: { readonly suite: AeadSuite | undefined; readonly keys: TrafficKeys | undefined } | undefined;
  /** TLS 1.3: the index into the labels, the secret in use there and its keys. */
  #stage = 0;
  #secret: Uint8Array | undefined;
  #stageKeys: TrafficKeys | undefined;
  #sequence = 0;

  constructor(from: Side, agreement: Agreement, keys: KeyRing) {
    this.#from = from;
    this.#agreement = agreement;
    this.#keys = keys;
  }

  /** Whether a record of that outer type is sealed. */
  seals(contentType: number): boolean {
    return this.#epoch !== undefined || contentType === contentTypes.applicationData;
  }

  /** The suite under which this direction is sealed, where it is one that can be opened. */
  get suite(): AeadSuite | undefined {
    return this.#epoch ? this.#epoch.suite : this.#newestSuite();
  }

  /** Whether a key for this direction is at hand. */
  get hasKeys(): boolean {
    if (this.#epoch) return this.#epoch.keys !== undefined;
    return this.#secretOf(0) !== undefined || this.#secretOf(application) !== undefined;
  }

  /** A ChangeCipherSpec that means what it says (TLS 1.2 and before). */
  changeCipherSpec(): void {
    const { clientHello, serverHello } = this.#agreement;
    const suite = serverHello && aeadSuite(serverHello.cipherSuite);
    const master = clientHello && this.#keys.secret(clientHello.random, 'CLIENT_RANDOM');
    const keys =
      suite?.version === 'TLSv1.2' && master && clientHello && serverHello
        ? keyBlock12(suite, master, fromHex(clientHello.random), fromHex(serverHello.random))[this.#from]
        : undefined;
    this.#epoch = { suite, keys };
    this.#sequence = 0;
  }

  /** Opens a whole record, header included; undefined when it stays shut. */
  open(record: Uint8Array): OpenedRecord | undefined {
    if (!this.#epoch) return this.#openNewest(record);
    const { suite, keys } = this.#epoch;
    const sequence = this.#sequence++;
    return suite && keys && openRecord({ suite, keys, sequence, record });
  }

  /** Records that passed without having been kept. */
  skip(count: number): void {
    if (this.#epoch || this.#sequence > 0) this.#sequence += count;
  }

  #newestSuite(): AeadSuite | undefined {
    const { version, cipherSuite = -1 } = this.#agreement.context;
    return isTls13(version) ? aeadSuite(cipherSuite) : undefined;
  }

  #secretOf(stage: number): Uint8Array | undefined {
    const random = this.#agreement.clientHello?.random;
    const label = labels[this.#from][stage];
    return random !== undefined && label ? this.#keys.secret(random, label) : undefined;
  }

  #openNewest(record: Uint8Array): OpenedRecord | undefined {
    const suite = this.#newestSuite();
    if (!suite || suite.version !== 'TLSv1.3') return undefined;
    this.#secret ??= this.#secretOf(this.#stage);
    if (this.#secret) {
      this.#stageKeys ??= trafficKeys(suite, this.#secret);
      const opened = openRecord({ suite, keys: this.#stageKeys, sequence: this.#sequence, record });
      if (opened) {
        this.#sequence++;
        return opened;
      }
    }
    const next = this.#nextSecret(suite);
    if (next) {
      const keys = trafficKeys(suite, next);
      const opened = openRecord({ suite, keys, sequence: 0, record });
      if (opened) {
        this.#stage = application;
        this.#secret = next;
        this.#stageKeys = keys;
        this.#sequence = 1;
        return opened;
      }
    }
    if (this.#sequence > 0) this.#sequence++;
    return undefined;
  }

  #nextSecret(suite: AeadSuite): Uint8Array | undefined {
    if (this.#stage < application) return this.#secretOf(application);
    return this.#secret && nextTrafficSecret(suite, this.#secret);
  }
}
