/**
 * Analysis tools that claims need besides the log, loaded only for a claim that needs them. The file that makes one exports
 * it, and a judge refers to that value (`needs`, `of`): there is no table of instruments to forget an entry in.
 */
import type { Flows } from '../capture/flows.ts';
import type { World } from '../pki/keystore/world.ts';

/** Loads an instrument and returns its constructor for each judgment; undefined where it is unavailable. */
export type LoadInstrument<T> = (world: World | undefined) => Promise<((flows: Flows) => T) | undefined>;

/** The identity of one judge, under which each instrument caches what it loaded. */
export type Toolbox = object;

/** One judgment's access to the instruments of its judge. */
export interface Look {
  readonly toolbox: Toolbox;
  readonly flows: Flows;
}

export class Instrument<T> {
  readonly #load: LoadInstrument<T>;
  readonly #loaded = new WeakMap<Toolbox, (flows: Flows) => T>();
  readonly #made = new WeakMap<Look, { readonly it: T }>();

  constructor(load: LoadInstrument<T>) {
    this.#load = load;
  }

  async loadInto(toolbox: Toolbox, world: World | undefined): Promise<void> {
    const make = await this.#load(world);
    if (make) this.#loaded.set(toolbox, make);
  }

  /** Undefined where it was not loaded. The same one for the whole judgment. */
  of(look: Look): T | undefined {
    const known = this.#made.get(look);
    if (known) return known.it;
    const make = this.#loaded.get(look.toolbox);
    if (!make) return undefined;
    const it = make(look.flows);
    this.#made.set(look, { it });
    return it;
  }
}
