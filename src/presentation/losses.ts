/**
 * Who lost the password to which impostor, and which check spared the others: a row a client, a column an impostor, folded
 * from what the endpoints reported. It decides what is known of a cell; whether that is proven is the verdict's.
 */
import type { CaptureEvent, EventOf } from '../capture/event.ts';
import type { RefusalReason } from '../capture/vocabulary.ts';
import { safeText } from '../i18n/safe.ts';
import type { Table } from './types/values.ts';
import { lossWords } from './words.ts';

interface Cell {
  readonly client: string;
  readonly impostor: string;
  /** The impostor has the login; else why the client did not give it, where it said so. */
  readonly lost: boolean;
  readonly reason?: RefusalReason;
}

export class Losses {
  #impostors: readonly { readonly name: string; readonly port: number }[] = [];
  #cells: Cell[] = [];
  /** Of the step that runs. */
  #visit: { readonly client: string; readonly impostor: string } | undefined;
  #refused: RefusalReason | undefined;
  #taken = new Set<string>();

  readonly fold = (event: CaptureEvent): void => {
    switch (event.type) {
      case 'began':
        this.#impostors = event.topology.participants.flatMap(({ name, kind, address }) =>
          kind === 'impostor' && address ? [{ name, port: address.port }] : [],
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
        this.#observed(event);
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

  /** Undefined where nobody met an impostor. */
  table(): Table | undefined {
    const cells = this.#cells;
    if (cells.length === 0) return undefined;
    const impostors = this.#impostors
      .map(({ name }) => name)
      .filter((name) => cells.some(({ impostor }) => impostor === name));
    const clients = [...new Set(cells.map(({ client }) => client))];
    const { title, client, lost, kept, reasons, untried, legend } = lossWords;
    const rows = clients.map((name) => [
      safeText(name),
      ...impostors.map((impostor) => {
        const cell = cells.find((one) => one.client === name && one.impostor === impostor);
        if (!cell) return untried;
        if (cell.lost) return lost;
        return cell.reason === undefined ? kept : (reasons[cell.reason] ?? kept);
      }),
    ]);
    return { title, head: [client, ...impostors.map((name) => safeText(name))], rows, legend };
  }

  #step({ state }: EventOf<'step'>): void {
    if (state === 'done' && this.#visit) {
      const { client, impostor } = this.#visit;
      const lost = this.#taken.has(impostor);
      this.#cells.push({
        client,
        impostor,
        lost,
        ...(lost || this.#refused === undefined ? {} : { reason: this.#refused }),
      });
    }
    this.#visit = undefined;
    this.#refused = undefined;
    this.#taken.clear();
  }

  #observed({ who, result }: EventOf<'observed'>): void {
    if (result.kind === 'taken' && result.logins.length > 0) this.#taken.add(who);
    if (result.kind !== 'resolved') return;
    const impostor = this.#impostors.find(({ port }) => port === result.to?.port)?.name;
    this.#visit = impostor === undefined ? undefined : { client: who, impostor };
  }
}
