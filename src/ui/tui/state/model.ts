/**
 * The model of the screen: which run, which moment of it, the selection, and display options. All events are in the run states;
 * the model only says which part is shown. `update.ts` changes it, `view.ts` draws it.
 */
import type { Language, Localized } from '../../../i18n/language.ts';
import type { Size } from '../frame.ts';
import type { Cursor, Page, PageWanted, Pane, SessionState } from '../message.ts';
import type { RunState } from './run-state.ts';
import { screenWords } from './words.ts';
import type { LabBoard } from '../../../labs/board.ts';
import type { Filter } from '../../../analysis/summary/filter.ts';
import type { ListOrder } from '../../../presentation/report/list-orders.ts';
import type { Going } from './going.ts';

/** A demonstration that can be selected with a key. */
export interface Mode {
  /** The scenario's name. */
  readonly name: string;
  /** The key; a demonstration without one is only available by its name on the command line. */
  readonly key?: string;
  readonly title: Localized;
  /** The step whose login is the same in every mode, so that only the wire changes. */
  readonly comparable: string;
}

export interface Session {
  readonly scene: RunState;
  readonly state: SessionState;
  /** How many stops there were when the screen last looked. */
  readonly seen?: number;
  /** How many had been released by then. */
  readonly gone?: number;
  /** How much of a file has been read, from 0 to 1, while it is. */
  readonly progress?: number | undefined;
  /** Of many wires: the event up to which their lights are off, since the time has passed. */
  readonly calm?: number;
  /** The newest event with bytes when that time began. */
  readonly calming?: number;
  /** Why it failed. */
  readonly error?: readonly string[];
}

/** What the body of the screen shows. */
export type Body =
  /** The tasks of a lab, and the learner's own connection. */
  | 'lab'
  | 'wire'
  | 'wires'
  | 'ladder'
  | 'chain'
  | 'sizes'
  | 'matrix'
  /** A refusal in four lines, and the whole card. */
  | 'brief'
  | 'card'
  | 'story'
  /** The lesson of the whole run, and every claim of it. */
  | 'verdict'
  | 'claims'
  | 'cluster';
/** What help shows: the terms of the screen beneath it, or the keys; and its first visible line. */
export interface Help {
  readonly page: 'terms' | 'keys';
  readonly scroll: number;
}

export type SheetName = 'none' | 'sides' | 'record' | 'steps' | 'shared' | LabSheet;
/** What lies over a lab: the current task, the commands, the next lab. */
export type LabSheet = 'task' | 'commands' | 'next';
export type Layout = 'text' | 'hex' | 'both';

/** The part of one run that is shown. */
export interface Place {
  /** Index of the stop. */
  readonly stop: number;
  /** The last event that is shown, when a moment within the stop was chosen. */
  readonly moment?: number;
  /** The wire, when another than the first was chosen. */
  readonly hop?: string;
  readonly cursor?: Cursor;
  /** Chosen by hand; else it follows from the stop. */
  readonly body?: Body;
  /** The body was chosen by zooming into a part of another one. */
  readonly isPart?: true;
  /** The furthest stop that was shown. */
  readonly reached?: number;
  /** A wire of the picture was chosen by hand at this stop. */
  readonly isWireChosen?: boolean;
  readonly pane: Pane;
  /** The explanation is about the bytes under the cursor, not about the stop. */
  readonly pointing: boolean;
  /** The selected command, if commands are shown. */
  readonly command?: number;
  /** First visible line of the scrollable text. */
  readonly scroll: number;
  /** Messages that were read back from the recording, and those that are being read. */
  readonly page?: Page;
  readonly wanted?: PageWanted;
}

export interface Search {
  /** The text that is being typed, or was searched for last. */
  readonly text: string;
  readonly editing: boolean;
  /** It is the filter of the list that is typed. */
  readonly isFilter?: true;
  /** The previous search text, while a new `text` is being typed. */
  readonly sought: string;
  /** Where a search that takes several turns continues. */
  readonly going?: Going;
}

/** What viewers of the run are told. */
export interface Shared {
  /** The first one first to be told; the others lead to the same. */
  readonly urls: readonly string[];
  /** The file of the certificate that their browsers must trust. */
  readonly authority: string | undefined;
}

/** The next stop of a mode, the end of one of its steps, or one of its stops by its index. */
export interface Goal {
  readonly mode: string;
  readonly step?: string;
  readonly stop?: number;
  /** The mode in which a key was pressed to go to another. */
  readonly from?: string;
}

/** An arrival in another demonstration, by the key that leads there. */
export interface Arrival {
  /** The demonstration in which the key was pressed. */
  readonly from: string;
  readonly mode: string;
  /** The stop that was shown first. */
  readonly stop: number;
}

export interface Model {
  readonly size: Size;
  readonly language: Language;
  readonly ascii: boolean;
  readonly modes: readonly Mode[];
  readonly mode: string;
  /** The name of the recording, if there is one: older messages are read back from it. */
  readonly recording?: string;
  readonly sessions: Readonly<Record<string, Session>>;
  readonly places: Readonly<Record<string, Place>>;
  /** As selected; by default both if there is room. */
  readonly layout?: Layout;
  /** Ciphertext is decrypted in place with the endpoints' secrets. */
  readonly opened: boolean;
  readonly masked: boolean;
  readonly projector: boolean;
  readonly notes: boolean;
  /** The explanation takes the whole body. */
  readonly large: boolean;
  /** The pane that the arrow keys move in takes the whole body. */
  readonly zoomed: boolean;
  /** A sheet over the body: two versions side by side, one record in three views, or the list of steps. */
  readonly sheet: SheetName;
  /** In the list of steps: the index of the chosen one, and the digits typed so far. */
  readonly chosen?: number;
  readonly digits?: string;
  /** Which connections the list shows; all unless given. */
  readonly filter?: Filter;
  /** The order of the list of connections; that of opening unless given. */
  readonly sort?: ListOrder;
  readonly help: false | Help;
  readonly mouse: boolean;
  /** Where the viewer asked to go: shown as soon as it exists. */
  readonly goal?: Goal;
  /** How the shown demonstration was reached, from the first one on. */
  readonly trail: readonly Arrival[];
  /** Where the demonstration was ended in the middle last time. */
  readonly resume?: { readonly mode: string; readonly stop: number };
  /** The question that is shown: whether to end, or to start a lab's servers again. */
  readonly asking: false | 'end' | 'restart';
  /** How long a stop is shown during playback: as long as reading it takes, or so many milliseconds. */
  readonly pace: 'read' | number;
  /** The modes that follow each other for as long as nobody presses a key. */
  readonly loop?: readonly string[];
  /** Where each round of a loop of one demonstration opens: the stop, and the last step that runs before it. */
  readonly opens?: { readonly stop: number; readonly through?: string };
  /** How often playback was started or taken over; the number of the running one, and of the pause that a key began. */
  readonly plays: number;
  readonly playing?: number;
  readonly idle?: number;
  readonly search: Search;
  /** Where viewers' browsers follow, if they can. */
  readonly shared?: Shared;
  /** The lab that is shown. */
  readonly lab?: LabBoard;
  /** A short notice about the last key. */
  readonly notice?: Localized;
}

/** Without anything over the body. */
export const closed = { large: false, zoomed: false, sheet: 'none' } as const satisfies Partial<Model>;

/** The initial model. */
export function startModel(
  options: Pick<Model, 'size' | 'language' | 'ascii' | 'modes' | 'mode'> & Partial<Model>,
): Model {
  return {
    sessions: {},
    places: {},
    opened: false,
    masked: false,
    projector: false,
    notes: false,
    ...closed,
    help: false,
    mouse: true,
    pace: 'read',
    plays: 0,
    trail: [],
    asking: false,
    search: { text: '', editing: false, sought: '' },
    ...options,
  };
}

export const startPlace: Place = { stop: 0, pane: 'conversation', pointing: false, scroll: 0 };

export function sceneOf(model: Model): RunState | undefined {
  return model.sessions[model.mode]?.scene;
}

/** Whether the list of connections is shown. */
export const showsList = (model: Model): boolean =>
  model.sheet === 'steps' && sceneOf(model)?.sources.isVisited === true;

/** The event up to which the lights of the wires are off; -1 for none. */
export function calmOf(model: Model): number {
  return model.sessions[model.mode]?.calm ?? -1;
}

export function placeOf(model: Model): Place {
  return model.places[model.mode] ?? startPlace;
}

/** The same without some of its optional parts. */
export function without<T extends object, K extends keyof T>(whole: T, ...parts: readonly K[]): Omit<T, K> {
  const rest: Partial<T> = { ...whole };
  for (const part of parts) delete rest[part];
  return rest as Omit<T, K>;
}

/** The same with a change in the session of that mode; unchanged if it has none. */
export function withSession(model: Model, mode: string, change: Partial<Session>): Model {
  const session = model.sessions[mode];
  return session ? { ...model, sessions: { ...model.sessions, [mode]: { ...session, ...change } } } : model;
}

const { notices } = screenWords;
type Notice = {
  readonly [Key in keyof typeof notices]: (typeof notices)[Key] extends Localized ? Key : never;
}[keyof typeof notices];

/** The same with a notice about what the last key did. */
export function withNotice(model: Model, notice: Notice): Model {
  return { ...model, notice: notices[notice] };
}

/** The same at another place of the shown mode. */
export function withPlace(model: Model, change: Partial<Place>): Model {
  return { ...model, places: { ...model.places, [model.mode]: { ...placeOf(model), ...change } } };
}

/** The same without some parts of the place. */
export function withPlaceWithout(
  model: Model,
  ...parts: readonly ('moment' | 'cursor' | 'body' | 'isPart' | 'hop' | 'wanted')[]
): Model {
  return { ...model, places: { ...model.places, [model.mode]: without(placeOf(model), ...parts) } };
}

/** All panes again; the bytes were chosen only for the zoom if nobody moved in them. */
export function unzoomed(model: Model): Model {
  const { pointing, pane, isPart } = placeOf(model);
  if (isPart)
    return withPlace(withPlaceWithout({ ...model, ...closed }, 'body', 'isPart'), {
      scroll: 0,
      pane: 'conversation',
    });
  return withPlace({ ...model, ...closed }, { scroll: 0, pane: pointing ? pane : 'conversation' });
}
