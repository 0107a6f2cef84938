/**
 * The table of which clients lost the password to which impostor, and which check protected the others: a row per client, a
 * column per impostor, folded from the endpoints' reports. The verdict decides whether a cell is proven.
 */
import type { EventOf } from '../../capture/event.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { ClosingTable, Shown } from '../../engine/shown.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Table, Tone } from '../../presentation/types/values.ts';

export const shown: Shown = {
  reports: { taken: { hasServed: ({ result: { requests } }) => requests > 0 } },
  table: () => new Losses(),
};

/** Words of that table. */
const lossWords = {
  title: {
    en: 'Who loses the password, and to which impostor',
    ko: '누가 어느 가짜 사이트에 비밀번호를 빼앗기나',
  },
  /** All of them are one person's. */
  titleOf: {
    en: (owner: string): string => `Who loses the password, and to which of ${owner}’s sites`,
    ko: (owner: string): string => `누가 ${owner}의 어느 가짜 사이트에 비밀번호를 빼앗기나`,
  },
  client: { en: 'client', ko: '클라이언트' },
  lost: { en: 'LOST', ko: '유출' },
  kept: { en: 'kept', ko: '지킴' },
  untried: { en: '-', ko: '-' },
  legend: {
    en: 'LOST: the impostor has it. Other words (self-signed, …): why the client stopped before it sent anything. -: not tried; without TLS there is no certificate to check',
    ko: '유출: 가짜 사이트가 얻음. 그 밖의 말(자체 서명 등): 클라이언트가 거부한 이유. -: 시도하지 않음(TLS를 쓰지 않으면 인증서를 제시하지 않음).',
  },
} as const;

/** A reason without words is one that the table lacks. */
const reasons: Readonly<Partial<Record<RefusalReason, Localized>>> = {
  tls_on_plaintext_port: { en: 'no TLS there', ko: 'TLS 없음' },
  self_signed: { en: 'self-signed', ko: '자체 서명' },
  unknown_ca: { en: 'unknown CA', ko: '모르는 CA' },
  name_mismatch: { en: 'another name', ko: '이름 불일치' },
  key_not_pinned: { en: 'another key', ko: '다른 키' },
};

interface Cell {
  readonly client: string;
  readonly impostor: string;
  /** LOST, or the client's reason for not sending the login, if it reported one. */
  readonly lost: boolean;
  readonly reason?: RefusalReason;
}

class Losses implements ClosingTable {
  #impostors: readonly {
    readonly name: string;
    readonly port: number;
    readonly owner: string | undefined;
  }[] = [];
  #cells: Cell[] = [];
  /** Of the step that has just ended. */
  #newest: Cell | undefined;
  /** Of the current step. */
  #visit: Pick<Cell, 'client' | 'impostor'> | undefined;
  #refused: RefusalReason | undefined;
  #taken = new Set<string>();

  readonly fold: ClosingTable['fold'] = (event, sentTo) => {
    switch (event.type) {
      case 'began':
        this.#impostors = event.topology.participants.flatMap(({ name, kind, owner, address }) =>
          kind === 'impostor' && address ? [{ name, port: address.port, owner }] : [],
        );
        this.#cells = [];
        break;
      case 'step':
        this.#step(event);
        break;
      case 'refused':
        if (event.by === 'client') this.#refused ??= event.reason;
        break;
      case 'observed':
        if (event.result.kind === 'taken' && event.result.logins.length > 0) this.#taken.add(event.who);
        if (sentTo) this.#visit = this.#visitTo(event.who, sentTo.port);
        break;
      case 'opened':
      case 'bytes':
      case 'keylog':
      case 'secured':
      case 'closed':
      case 'note':
      case 'segments':
        break;
    }
  };

  /** Undefined where no step has an impostor. */
  table(): Table | undefined {
    const cells = this.#cells;
    if (cells.length === 0) return undefined;
    const impostors = this.#impostors
      .map(({ name }) => name)
      .filter((name) => cells.some(({ impostor }) => impostor === name));
    const clients = [...new Set(cells.map(({ client }) => client))];
    const [owner, ...others] = new Set(this.#impostors.map((one) => one.owner));
    const { client, lost, kept, untried, legend } = lossWords;
    const cellOf = (name: string, impostor: string): Cell | undefined =>
      cells.find((one) => one.client === name && one.impostor === impostor);
    const rows = clients.map((name) => [
      safeText(name),
      ...impostors.map((impostor) => {
        const cell = cellOf(name, impostor);
        if (!cell) return untried;
        if (cell.lost) return lost;
        return cell.reason === undefined ? kept : (reasons[cell.reason] ?? kept);
      }),
    ]);
    const tones = clients.map((name): Tone[] => [
      'plain',
      ...impostors.map((impostor) => {
        const cell = cellOf(name, impostor);
        return !cell ? 'dim' : cell.lost ? 'leaked' : 'sealed';
      }),
    ]);
    const newest = this.#newest;
    return {
      title:
        owner === undefined || others.length > 0
          ? lossWords.title
          : inEach((language) => lossWords.titleOf[language](safeText(owner))),
      head: [client, ...impostors.map((name) => safeText(name))],
      rows,
      tones,
      ...(newest && {
        current: { row: clients.indexOf(newest.client), column: 1 + impostors.indexOf(newest.impostor) },
      }),
      legend,
    };
  }

  #step({ state }: EventOf<'step'>): void {
    this.#newest = undefined;
    if (state === 'done' && this.#visit) {
      const { client, impostor } = this.#visit;
      const lost = this.#taken.has(impostor);
      this.#newest = {
        client,
        impostor,
        lost,
        ...(lost || this.#refused === undefined ? {} : { reason: this.#refused }),
      };
      this.#cells.push(this.#newest);
    }
    this.#visit = undefined;
    this.#refused = undefined;
    this.#taken.clear();
  }

  #visitTo(client: string, to: number): Pick<Cell, 'client' | 'impostor'> | undefined {
    const impostor = this.#impostors.find(({ port }) => port === to)?.name;
    return impostor === undefined ? undefined : { client, impostor };
  }
}
