/**
 * Leads the learner's own program to the sites of a lab, one after the other, and records what arrived there. Nothing is taken
 * from the program itself but how it ended. `check-client.ts` judges the visits.
 *
 * 1. Each visit has servers of its own, at free ports: no address can be known beforehand. Where there is a resolver it is asked over
 *    UDP.
 * 2. The password is drawn for the check, and so are the certificates that the learner was not given: neither can be kept from
 *    an earlier visit. The order is drawn too.
 * 3. All bytes are taken at the sites' ends.
 * 4. Every visit has the same sockets: all sites, opened in a drawn order, and one relay, whose port is what the program is given.
 *    So nothing about the sockets tells where it is led. A connection that goes past the relay is noticed.
 */
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { Plan, PlannedStep } from '../../engine/plan.ts';
import { startScenario } from '../../engine/run.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { features } from '../../features/registry.ts';
import { serviceName } from '../../peers/resolver/service-name.ts';
import { issueWorld } from '../../pki/ca/issue.ts';
import { planWorld } from '../../pki/ca/recipe.ts';
import type { World } from '../../pki/keystore/world.ts';
import { drawSecret, withSecrets } from '../hold/drawn.ts';
import type { CompiledLab, TaskFile } from '../lab.ts';
import { planCut } from '../learner.ts';
import { runOwnProgram } from '../own-program.ts';
import { takenIn } from '../step-parts.ts';
import type { VisitingStep } from '../step-parts.ts';
import type { ProgramEnd } from '../own-program.ts';
import type { CheckOptions } from './checking.ts';
import { openSwitchingRelay } from './switching-relay.ts';
import type { SwitchingRelay } from './switching-relay.ts';

/** How long the program may take for one visit, in milliseconds. */
export const visitMs = 10_000;
/** How long a connection may take to close behind the program, in milliseconds. */
const closingMs = 1000;
/** How long the resolver may take, in milliseconds. */
const resolveMs = 5000;

export type OwnClientFacts = NonNullable<TaskFile['ownClient']>;

/** Where the program is led: to a step's site, or first to one and then to another. */
export interface Lead {
  readonly step: string;
  /** The step to whose site the first connections are passed on. */
  readonly first?: string;
}

/** How many connections are passed on to the first site, in visits of their own: looking once more must not help. */
const passesEach = [1, 2, 3] as const;
/** The most connections for which a client that looks more often than that is led there once more. */
const mostPasses = 32;

/** A visit to be made. */
interface Turn {
  readonly lead: Lead;
  /** How many connections are passed on to the first site. */
  readonly passes: number;
}

/** What arrived at a step's site. */
export interface Visit {
  readonly step: PlannedStep;
  readonly user: string;
  readonly program: ProgramEnd;
  /** Connections at the site at the end of the step. */
  readonly connections: number;
  /** Of a lead with two sites: connections at the first one, and how many are passed on to it. */
  readonly firstConnections: number;
  readonly passes: number;
  /** Connections and logins at a site to which it was not led, or past the port that it was given. */
  readonly strays: number;
  /** Bytes that arrived from the program. */
  readonly bytes: number;
  /** Where something secret of the login was found, as it crossed the wire, or above TLS: the password before anything else. */
  readonly onWire?: SecretHit;
  readonly aboveTls?: SecretHit;
  /** Logins that the site received, with whatever password. */
  readonly logins: readonly { readonly user: string; readonly accepted: boolean }[];
  /** Why the connection ended before anything was sent, as far as the site heard of it. */
  readonly refusal?: RefusalReason;
}

export interface SecretHit extends Hit {
  readonly is: 'password' | 'rrn';
}

export const leadKey = ({ step, first = '' }: Lead): string => `${first} ${step}`;

/** The leads of a task, in the order of its findings. */
export function leadsOf({ admitted, kept = [], relayed = [] }: OwnClientFacts): {
  readonly admitted: readonly Lead[];
  readonly kept: readonly Lead[];
} {
  return {
    admitted: admitted.map((step) => ({ step })),
    kept: [...kept.map((step) => ({ step })), ...relayed.map(({ first, next }) => ({ step: next, first }))],
  };
}

/** The visits of a check, by `leadKey`: those to a site where it must log in twice, so that nothing depends on the order. */
export async function makeVisits(
  tasks: readonly OwnClientFacts[],
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<ReadonlyMap<string, readonly Visit[]>> {
  const { lab, world, random, signal } = options;
  const leads = new Map<string, Lead>();
  const often = new Set<string>();
  for (const task of tasks) {
    const { admitted, kept } = leadsOf(task);
    for (const lead of [...admitted, ...kept]) leads.set(leadKey(lead), lead);
    for (const lead of admitted) often.add(leadKey(lead));
  }
  const own = { ...options, world: newCertificates(lab, world, options) };
  const visits = new Map<string, Visit[]>();
  const sites = [...new Set([...leads.values()].flatMap(({ step, first = step }) => [first, step]))];
  const make = async (turns: readonly Turn[]): Promise<boolean> => {
    for (const turn of shuffled(turns, random)) {
      if (signal?.aborted) return false;
      const visit = await makeVisit(turn, sites, compiled, own);
      const key = leadKey(turn.lead);
      visits.set(key, [...(visits.get(key) ?? []), visit]);
      // It would be so at every one.
      if (visit.program.isLate) return false;
    }
    return true;
  };
  const turnsOf = (lead: Lead): Turn[] => {
    if (lead.first !== undefined) return passesEach.map((passes) => ({ lead, passes }));
    return (often.has(leadKey(lead)) ? [0, 0] : [0]).map((passes) => ({ lead, passes }));
  };
  if (!(await make([...leads.values()].flatMap(turnsOf)))) return visits;
  // A client that looks more often than that before it sends.
  const more = [...leads.values()].flatMap((lead): Turn[] => {
    if (lead.first === undefined) return [];
    const straight: Lead = { step: lead.first };
    const passes = Math.max(...(visits.get(leadKey(straight)) ?? []).map((visit) => visit.connections - 1));
    return passes > passesEach.length && passes <= mostPasses
      ? [
          { lead, passes },
          { lead: straight, passes: 0 },
        ]
      : [];
  });
  await make(more);
  return visits;
}

/** The lab's certificates: those that the folder was given and the CAs above them, and all others anew. */
function newCertificates(
  { certificates, tasks: { gives = {}, yours = {} } }: CompiledLab,
  world: World,
  { clock, random }: Pick<CheckOptions, 'clock' | 'random'>,
): World {
  if (!certificates) return world;
  const { recipe } = certificates;
  const { certificates: plans } = planWorld(recipe);
  const kept = new Set<string>();
  const keep = (name: string): void => {
    const plan = plans.find((one) => one.name === name);
    if (!plan || kept.has(name)) return;
    kept.add(name);
    for (const above of [plan.issuer, plan.keyOf]) if (above !== undefined) keep(above);
  };
  for (const file of Object.values(gives)) keep(file.replace(/\.(?:chain\.crt|crt|key|crl)$/, ''));
  for (const name of Object.keys(yours)) keep(name);
  return issueWorld(recipe, { clock, random, kept: { world, rows: kept } });
}

function shuffled<Item>(items: readonly Item[], random: CheckOptions['random']): Item[] {
  const left = [...items];
  return items.flatMap(() => {
    const [high = 0, low = 0] = random(2);
    return left.splice((high * 256 + low) % left.length, 1);
  });
}

async function makeVisit(
  { lead: { step: id, first }, passes }: Turn,
  sites: readonly string[],
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<Visit> {
  const { clock, random, version, signal, world } = options;
  const drawn = drawSecret(random, ['-']);
  const cut = planCut(withPasswords(compiled, drawn), sites);
  const step = stepIn(cut, id);
  const plan: Plan = {
    ...cut,
    servers: shuffled(cut.servers, random).map((server) => ({ ...server, port: undefined })),
    // Its listener is opened at its drawn place; a resolver gives the last answer for a name.
    steps: [...shuffled(cut.steps, random), step],
  };
  const log = new CaptureLog({ clock });
  const hunt = new SecretHunt(plan.secrets);
  log.subscribe(hunt.fold);
  const scenario = await startScenario(features, {
    plan,
    log,
    clock,
    random,
    version,
    world,
    ...(signal ? { signal } : {}),
  });
  try {
    const ports = new Map<string, number>();
    await scenario.openForManualUse(undefined, ports);
    const addressOf = (wire: string) => {
      const port = ports.get(wire);
      if (port === undefined) throw new Error(`no listener on wire ${wire}`);
      return { host: '127.0.0.1', port };
    };
    const wire = wireOf(step);
    const firstWire = first === undefined ? undefined : wireOf(stepIn(plan, first));
    const to = (await resolved(step, plan, { resolver: addressOf, options })) ?? addressOf(wire);
    const relay = await openSwitchingRelay(firstWire === undefined ? to : addressOf(firstWire), to, {
      passes: () => passes,
    });
    try {
      const program = await runOwnProgram({
        words: [fileOf(options.lab), relay.address.host, String(relay.address.port)],
        folder: options.folder,
        input: drawn,
        environment: environment(),
        milliseconds: visitMs,
        signal,
      });
      // What it has sent may still be on its way.
      await log.until(() => isQuiet(log.events), closingMs, signal);
      scenario.report();
      const { counts } = relay;
      return visitOf({
        step,
        wire,
        firstWire,
        passes,
        counts,
        plan,
        events: log.events,
        hits: hunt.hits,
        program,
      });
    } finally {
      relay.close();
    }
  } finally {
    await scenario.close();
  }
}

function fileOf({ name, tasks: { ownClient } }: CompiledLab): string {
  if (!ownClient) throw new Error(`${name} has no client of the learner's`);
  return ownClient.file;
}

/** Nothing of the user's settings for other programs, such as a proxy. */
function environment(): Readonly<Record<string, string | undefined>> {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  return { PATH, HOME, TMPDIR, SystemRoot, LC_ALL: 'C' };
}

function withPasswords(compiled: CompiledScenario, value: string): CompiledScenario {
  const ids = Object.values(compiled.file.accounts).map(({ password }) => password);
  return withSecrets(compiled, ids, () => value);
}

function stepIn({ steps }: Plan, id: string): PlannedStep {
  const step = steps.find((one) => one.id === id);
  if (!step) throw new Error(`no step ${id}`);
  return step;
}

/** The wire to the site. */
function wireOf({ id, entryPoints }: PlannedStep): string {
  const wire = entryPoints.at(-1)?.wire;
  if (wire === undefined) throw new Error(`step ${id} leads to no site over a wire of its own`);
  return wire;
}

/** What the step's resolver answers, over UDP; undefined for a step without one. */
async function resolved(
  { lookUp }: VisitingStep,
  plan: Plan,
  {
    resolver,
    options: { clock, random, signal },
  }: {
    readonly resolver: (wire: string) => { readonly host: string; readonly port: number };
    readonly options: CheckOptions;
  },
) {
  const site = lookUp && plan.servers.find(({ name }) => name === lookUp.meant);
  if (!lookUp || !site) return undefined;
  const { locate } = await import('../../peers/resolver/resolver-client.ts');
  const found = await locate({
    resolver: resolver(lookUp.askedOver),
    name: serviceName(lookUp.scheme, site.host),
    clock,
    random,
    timeout: resolveMs,
    ...(signal ? { signal } : {}),
  });
  if (!found.to) throw new Error(`the lab's resolver does not answer: ${found.error}`);
  return found.to;
}

/** Whether every connection has closed. */
function isQuiet(events: readonly CaptureEvent[]): boolean {
  const open = new Set<number>();
  for (const event of events)
    if (event.type === 'opened') open.add(event.conn);
    else if (event.type === 'closed') open.delete(event.conn);
  return open.size === 0;
}

function visitOf({
  step,
  wire,
  firstWire,
  passes,
  counts,
  plan,
  events,
  hits,
  program,
}: {
  readonly step: PlannedStep;
  readonly wire: string;
  readonly firstWire: string | undefined;
  readonly passes: number;
  readonly counts: SwitchingRelay['counts'];
  readonly plan: Plan;
  readonly events: readonly CaptureEvent[];
  readonly hits: readonly Hit[];
  readonly program: ProgramEnd;
}): Visit {
  const { lookUp, login }: VisitingStep = step;
  const account = lookUp?.account ?? login?.account;
  const known = plan.accounts.find(({ name }) => name === account);
  const secrets = new Map(
    plan.secrets.flatMap(({ id, value }): [string, SecretHit['is']][] => {
      if (value === known?.password) return [[id, 'password']];
      return value === known?.rrn ? [[id, 'rrn']] : [];
    }),
  );
  const sent = hits
    .flatMap((hit): SecretHit[] => {
      const is = secrets.get(hit.secret);
      return is !== undefined && hit.hop === wire && hit.from === 'client' ? [{ ...hit, is }] : [];
    })
    .toSorted((one, other) => one.is.localeCompare(other.is));
  const count = (hop: string | undefined): number =>
    events.filter((event) => event.type === 'opened' && event.hop === hop).length;
  const onWire = sent.find(({ vantage }) => vantage === 'wire');
  const aboveTls = sent.find(({ vantage }) => vantage === 'plaintext');
  const refused = events.findLast(
    (event): event is EventOf<'refused'> => event.type === 'refused' && event.hop === wire,
  );
  const led = new Map([
    [wire, counts.next + (firstWire === undefined ? counts.first : 0)],
    ...(firstWire === undefined ? [] : [[firstWire, counts.first] as const]),
  ]);
  const sites = new Set(plan.steps.map(wireOf));
  const firstServer = plan.steps.find((one) => wireOf(one) === firstWire)?.server;
  const elsewhere = events.flatMap((event) =>
    event.type === 'observed' && event.who !== step.server && event.who !== firstServer
      ? loginsIn(event)
      : [],
  );
  return {
    step,
    user: known?.user ?? '',
    program,
    connections: count(wire),
    firstConnections: count(firstWire),
    passes,
    strays:
      elsewhere.length +
      [...sites].reduce((sum, site) => sum + Math.max(0, count(site) - (led.get(site) ?? 0)), 0),
    bytes: events.reduce(
      (sum, event) =>
        event.type === 'bytes' && event.hop === wire && event.vantage === 'wire' && event.from === 'client'
          ? sum + event.bytes.length
          : sum,
      0,
    ),
    ...(onWire ? { onWire } : {}),
    ...(aboveTls ? { aboveTls } : {}),
    logins: events.flatMap((event) =>
      event.type === 'observed' && event.who === step.server ? loginsIn(event) : [],
    ),
    ...(refused ? { refusal: refused.reason } : {}),
  };
}

function loginsIn({ result }: EventOf<'observed'>): Visit['logins'] {
  if (result.kind === 'served') return result.logins;
  return takenIn(result).map(({ user }) => ({ user, accepted: true }));
}
