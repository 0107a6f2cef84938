/**
 * The folder of a class: its two CAs, who was invited, and the list of certificates that were withdrawn. `invite` and `withdraw`
 * write it, `serve` reads it.
 *
 * 1. Clients and servers have a CA each, and both stay with the class: the invitations of weeks ago are still good. The keys are
 *    readable by the owner alone.
 * 2. A learner has one invitation. Another one is made only on demand, and the earlier certificate is withdrawn with it.
 * 3. Everything that belongs together is written together, or not at all (`writeNewFiles`), by one process at a time.
 */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, writeFolder } from '../../../capture/file/output-folder.ts';
import { unwritable } from '../../../capture/file/output-file.ts';
import type { Address } from '../../../capture/event.ts';
import type { CertificateSummary } from '../../../capture/vocabulary.ts';
import type { Clock } from '../../../core/clock.ts';
import { statePlace } from '../../../core/state-place.ts';
import { readText } from '../../../i18n/read-file.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { issueTexts } from '../../../pki/ca/issue.ts';
import { issueUnder } from '../../../pki/ca/issue-under.ts';
import { nextList } from '../../../pki/ca/revoking.ts';
import { loadIdentity, loadRevocations } from '../../../pki/keystore/identity.ts';
import { toPem } from '../../../pki/keystore/pem.ts';
import { takeTurn } from '../../../pki/keystore/turn.ts';
import type { Identity } from '../../../pki/keystore/world.ts';
import { readContents } from '../../../pki/x509/contents.ts';
import { certificateSummary } from '../../../protocols/x509/certificate.ts';
import { subjectValues } from '../../../wire/tls/admission.ts';
import type { ListenerCredentials } from '../../../wire/endpoint.ts';
import { checkNewFiles, writeNewFiles } from '../../certs/files.ts';
import type { NewFile } from '../../certs/files.ts';
import { alternativeNames } from '../../run/web/address.ts';
import { invitationText } from './invitation.ts';

const rows = { servers: 'class-server-ca', clients: 'class-client-ca' } as const;
const listName = 'withdrawn.crl';
const recordName = 'invited.json';

const day = 86_400_000;
/** Of a server's certificate: a new one is made at each start. */
const serverDays = 30;
/** Of the list: it is valid as long as the CAs, since nobody signs it anew. */
const listDays = 3650;
/** Bytes of a file of ours. */
const largest = 32 * 1024 * 1024;

/** Who was invited. */
interface Invited {
  readonly serial: string;
  /** PEM. */
  readonly certificate: string;
  /** Where the invitation leads. */
  readonly host: string;
  readonly until: string;
}

/** Who was invited, at a moment. */
export class Roster {
  readonly invited: ReadonlyMap<string, Invited>;

  constructor(invited: ReadonlyMap<string, Invited>) {
    this.invited = invited;
  }

  /** The learners, by name. */
  get learners(): readonly string[] {
    return [...this.invited.keys()].toSorted();
  }

  /** Hosts under which learners look for the class. */
  get hosts(): readonly string[] {
    return [...new Set([...this.invited.values()].map(({ host }) => host))];
  }

  /** Whose certificate it is; undefined for one that is not the learner's present one. */
  learnerOf({ subject, serial }: Pick<CertificateSummary, 'subject' | 'serial'>): string | undefined {
    const names = subjectValues(subject, 'CN');
    const [name] = names;
    if (name === undefined || names.length > 1) return undefined;
    return this.invited.get(name)?.serial === serial ? name : undefined;
  }
}

export interface Asked {
  readonly learner: string;
  /** Where the invitation is written. */
  readonly file: string;
}

export interface InviteOptions {
  readonly server: Address;
  readonly days: number;
  /** In the place of an earlier invitation, and of an earlier file. */
  readonly again: boolean;
}

/** The folder that is meant where none is named. @throws UserError for a user without a home */
export function usualClassFolder(variables: NodeJS.ProcessEnv): string {
  const state = statePlace(variables);
  if (state !== undefined) return join(state, 'class');
  throw new UserError({
    what: { en: 'there is no folder to keep the class in', ko: '수업을 보관할 폴더가 없습니다' },
    where: 'wirelab class',
    expected: { en: '--folder DIR', ko: '--folder 폴더' },
  });
}

export class ClassFolder {
  readonly place: string;
  readonly #clock: Pick<Clock, 'now'>;

  private constructor(place: string, clock: Pick<Clock, 'now'>) {
    this.place = place;
    this.#clock = clock;
  }

  /** A class that is there. @throws UserError */
  static open(place: string, clock: Pick<Clock, 'now'>): ClassFolder {
    if (!existsSync(join(place, recordName)))
      throw new UserError({
        what: { en: 'there is no class in this folder yet', ko: '이 폴더에는 아직 수업이 없습니다' },
        where: place,
        remedy: {
          en: 'Begin with an invitation: ./wirelab class invite NICK',
          ko: '먼저 초대장을 만드세요: ./wirelab class invite 이름',
        },
      });
    return new ClassFolder(place, clock);
  }

  /** The same, begun where there is none. @throws UserError where something else is in its place */
  static begin(place: string, clock: Pick<Clock, 'now'>): ClassFolder {
    if (!existsSync(join(place, recordName))) {
      try {
        make(place, clock);
      } catch (error) {
        // Another process may have been faster.
        if (!existsSync(join(place, recordName)))
          throw error instanceof UserError ? error : occupied(place, error);
      }
    }
    return new ClassFolder(place, clock);
  }

  path(name: string): string {
    return join(this.place, name);
  }

  /** @throws UserError where the record was altered */
  roster(): Roster {
    const path = this.path(recordName);
    const roster = rosterIn(readText(path, largest));
    if (roster) return roster;
    throw new UserError({
      what: { en: 'the list of who was invited was altered', ko: '초대 목록의 내용이 바뀌었습니다' },
      where: path,
      expected: {
        en: 'what ./wirelab class invite has written',
        ko: './wirelab class invite가 쓴 내용 그대로',
      },
      remedy: {
        en: 'Begin another class: --folder DIR.',
        ko: '다른 폴더에서 수업을 새로 시작하세요: --folder 폴더',
      },
    });
  }

  /**
   * Makes invitations, all of them or none.
   * @throws UserError, with every learner who has one already
   */
  async invite(asked: readonly Asked[], { server, days, again }: InviteOptions): Promise<void> {
    await this.#inTurn(() => {
      const { invited: learners } = this.roster();
      const before = asked.filter(({ learner }) => learners.has(learner));
      if (before.length > 0 && !again) throw invitedBefore(before.map(({ learner }) => learner));
      const signer = this.#authority('clients');
      const { certificate: authority } = this.#authority('servers');
      const next = new Map(learners);
      const files = asked.map(({ learner, file }): NewFile => {
        const identity = issueUnder(signer, {
          profile: 'client',
          subject: [
            ['CN', learner],
            ['O', 'wirelab class'],
          ],
          days,
          at: this.#clock.now(),
        });
        next.set(learner, {
          ...factsOf(identity.certificate),
          certificate: identity.certificate,
          host: server.host,
        });
        const text = invitationText({ learner, server, identity, authority });
        return { path: file, text, mode: 0o600, flag: '--out' };
      });
      const old = before.flatMap(({ learner }) => learners.get(learner)?.certificate ?? []);
      checkNewFiles(files, again);
      writeNewFiles([...files, ...this.#files(next, old)], true);
    });
  }

  /** Takes invitations back: their certificates are no longer let in. @throws UserError with every learner who has none */
  async withdraw(names: readonly string[]): Promise<void> {
    await this.#inTurn(() => {
      const { invited: learners } = this.roster();
      const unknown = names.filter((name) => !learners.has(name));
      if (unknown.length > 0) throw notInvited(unknown, [...learners.keys()]);
      const old = names.flatMap((name) => learners.get(name)?.certificate ?? []);
      const next = new Map([...learners].filter(([name]) => !names.includes(name)));
      writeNewFiles(this.#files(next, old), true);
    });
  }

  /** What a listener presents and trusts. @param identity of the server (`serverIdentity`) */
  credentials(identity: Identity): ListenerCredentials {
    return {
      identity,
      clientAuthorities: [this.#authority('clients').certificate],
      clientRevocations: loadRevocations(this.path(listName)),
    };
  }

  /** A new certificate for a server, with its key. @param hosts under which it is called */
  serverIdentity(hosts: readonly string[]): Identity {
    const [name = 'localhost'] = hosts;
    return issueUnder(this.#authority('servers'), {
      profile: 'server',
      subject: [
        ['CN', name],
        ['O', 'wirelab class'],
      ],
      san: alternativeNames(hosts),
      days: serverDays,
      at: this.#clock.now(),
    });
  }

  /** Changes when somebody is invited or withdrawn. */
  get version(): string {
    return [recordName, listName]
      .map((name) => statSync(this.path(name), { throwIfNoEntry: false }))
      .map((found) => (found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '-'))
      .join(' ');
  }

  #authority(which: keyof typeof rows): Identity {
    const [certFile, keyFile] = ['crt', 'key'].map((part) => this.path(`${rows[which]}.${part}`)) as [
      string,
      string,
    ];
    return loadIdentity({ certFile, keyFile });
  }

  /** The record and the list as they are to be. @param withdrawn certificates that are no longer let in, PEM */
  #files(learners: ReadonlyMap<string, Invited>, withdrawn: readonly string[]): NewFile[] {
    const record = { v: 1, learners: Object.fromEntries(learners) };
    const files: NewFile[] = [];
    if (withdrawn.length > 0)
      files.push({
        path: this.path(listName),
        text: this.#listWith(withdrawn),
        mode: 0o644,
        flag: '--folder',
      });
    const text = `${JSON.stringify(record, undefined, 2)}\n`;
    return [...files, { path: this.path(recordName), text, mode: 0o600, flag: '--folder' }];
  }

  #listWith(withdrawn: readonly string[]): string {
    const signer = this.#authority('clients');
    let list = readText(this.path(listName), largest);
    for (const pem of withdrawn) list = listAfter(list, pem, signer, this.#clock.now());
    return list;
  }

  async #inTurn(work: () => void): Promise<void> {
    const release = await takeTurn(this.path('.lock'));
    try {
      work();
    } finally {
      release();
    }
  }
}

function make(place: string, clock: Pick<Clock, 'now'>): void {
  const O = 'wirelab class';
  const { texts } = issueTexts(
    {
      certificates: {
        [rows.servers]: { profile: 'root', subject: { CN: 'Class Server CA', O } },
        [rows.clients]: { profile: 'root', subject: { CN: 'Class Client CA', O } },
      },
      revocations: { [rows.clients]: { validity: { to: `${listDays}d` } } },
    },
    { clock },
  );
  const files = Object.entries(texts).map(
    ([name, text]) => [name.endsWith('.crl') ? listName : name, text] as const,
  );
  const record = `${JSON.stringify({ v: 1, learners: {} }, undefined, 2)}\n`;
  makeFolder(join(place, '..'), 0o700);
  writeFolder(place, [...files, [recordName, record]], { mode: 0o600, folderMode: 0o700 });
}

function occupied(place: string, error: unknown): UserError {
  if (lstatSync(place, { throwIfNoEntry: false }) === undefined) return unwritable(place, '--folder', error);
  return new UserError(
    {
      what: { en: 'there is something else in this place', ko: '그 자리에 이미 다른 것이 있습니다' },
      where: `--folder ${place}`,
      expected: {
        en: 'a class, or a folder that is empty or not there yet',
        ko: '수업, 또는 비어 있거나 아직 없는 폴더',
      },
    },
    { cause: error },
  );
}

function listAfter(before: string, withdrawn: string, signer: Identity, at: number): string {
  const [list] = readContents(Buffer.from(before), listName);
  const [certificate] = readContents(Buffer.from(withdrawn), recordName);
  const [authority] = readContents(Buffer.from(signer.certificate), rows.clients);
  const [key] = readContents(Buffer.from(signer.key), rows.clients);
  if (
    list?.kind !== 'revocation-list' ||
    certificate?.kind !== 'certificate' ||
    authority?.kind !== 'certificate' ||
    key?.kind !== 'private-key'
  )
    throw new Error('the CA of the class or its list is something else');
  const { der } = nextList({
    certificate: certificate.certificate,
    authority: authority.certificate,
    key: key.key,
    before: list.list,
    at,
    lasts: listDays * day,
  });
  return toPem('X509 CRL', der);
}

function factsOf(pem: string): Pick<Invited, 'serial' | 'until'> {
  const [content] = readContents(Buffer.from(pem), recordName);
  if (content?.kind !== 'certificate') throw new Error('a certificate of ours cannot be read');
  const { serial, notAfter } = certificateSummary(content.certificate);
  return { serial, until: notAfter };
}

function rosterIn(text: string): Roster | undefined {
  try {
    const { v, learners } = JSON.parse(text) as { readonly v: unknown; readonly learners: unknown };
    if (v !== 1 || typeof learners !== 'object' || learners === null) return undefined;
    const all = Object.entries(learners as Readonly<Record<string, unknown>>);
    const isOne = (value: unknown): value is Invited =>
      typeof value === 'object' &&
      value !== null &&
      (['serial', 'certificate', 'host', 'until'] as const).every(
        (key) => typeof (value as Partial<Record<string, unknown>>)[key] === 'string',
      );
    if (!all.every(([, value]) => isOne(value))) return undefined;
    return new Roster(new Map(all as [string, Invited][]));
  } catch {
    return undefined;
  }
}

function invitedBefore(names: readonly string[]): UserError {
  const list = names.join(', ');
  return new UserError({
    what: { en: `invited before: ${list}`, ko: `이미 초대한 수강생: ${list}` },
    where: 'wirelab class invite',
    expected: { en: 'learners who have no invitation yet', ko: '아직 초대장이 없는 수강생' },
    remedy: {
      en: '--force makes new invitations; with the earlier ones nobody is let in any more.',
      ko: '--force를 쓰면 초대장을 새로 만들고, 앞서 만든 초대장은 더 이상 쓸 수 없습니다.',
    },
  });
}

function notInvited(names: readonly string[], all: readonly string[]): UserError {
  const [list, known] = [names.join(', '), all.toSorted().join(', ')];
  return new UserError({
    what: { en: `not invited: ${list}`, ko: `초대하지 않은 이름: ${list}` },
    where: 'wirelab class withdraw',
    expected: { en: known || 'somebody who was invited', ko: known || '초대한 수강생' },
    received: list,
  });
}
