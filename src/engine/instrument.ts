/**
 * What judges use beside the log, loaded only where a claim needs it. Who makes one exports it, and who judges with it names
 * that value (`needs`, `of`): there is no table of instruments, so none can be missing from it.
 */
import type { Flows } from '../capture/flows.ts';
import type { World } from '../pki/keystore/world.ts';

/** Loads an instrument, and says how it is made for each look at the log; undefined where it can't be had. */
export type LoadInstrument<T> = (world: World | undefined) => Promise<((flows: Flows) => T) | undefined>;

/** The identity of one judge, under which each instrument keeps what it has loaded for it. */
export type Toolbox = object;

/** One look at the log through the tools of its judge. */
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

  /** Undefined where it was not loaded. The same one for the whole look. */
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
