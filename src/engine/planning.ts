/**
 * Makes a plan from a scenario. Pure.
 *
 * 1. A step with two TLS versions becomes two steps, ID-1.3 and ID-1.2, in the order of the file. With several clients it
 *    becomes one for each client and version: ID-CLIENT-1.3.
 * 2. A claim's id is STEP/KIND (or STEP/ID where the expectation has one), then the secret and the wire where it names them.
 * 3. The text of an expanded step frames it: `before` precedes the first part, `after` follows the last.
 * 4. An expanded step asks the audience once: the parts after the first start by themselves, unless they have a question of
 *    their own.
 * 5. The short version has the steps of its list, and those for which a person has supplied input; the text frames what is
 *    left of an expanded step. The claims about the others are not judged, and its last words say so.
 */
import type { Language, Localized } from '../i18n/language.ts';
import { languages } from '../i18n/language.ts';
import { defaultPump, isThrough, proxyKinds, spokenAt } from '../proxy/kinds.ts';
import type { SuppliedInput, PlanAdditions } from './extensions.ts';
import type { Features } from './features.ts';
import type { EntryPoint, TlsChoice } from './kinds.ts';
import type {
  LeftOut,
  Plan,
  PlannedProxy,
  PlannedServer,
  PlannedStep,
  PlannedWire,
  StepText,
} from './plan.ts';
import type { CompiledScenario, ScenarioFile, StepFile, StepNarration } from './scenario.ts';
import { leftOutWords, shortVersion } from './file/short.ts';
import type { ShortVersion } from './file/short.ts';

/**
 * @param supplied input from a person, for the steps that need it
 * @param short the short version; the whole where the file has none
 */
export function planScenario(
  features: Features,
  compiled: CompiledScenario,
  supplied: SuppliedInput = {},
  { short = false }: { readonly short?: boolean } = {},
): Plan {
  const { file, narration } = compiled;
  const version = short ? shortVersion(file) : undefined;
  const text = (of: (language: Language) => string): Localized => localized(of);
  const servers = Object.entries(file.servers).map(
    ([name, server]): PlannedServer => ({
      ...server,
      name,
      host: server.host ?? `${name}.localhost`,
      security: server.security ?? 'plain',
    }),
  );
  const proxies = planProxies(file);
  const steps = file.steps
    .filter((step) => !features.step(step).isLeftOut(supplied))
    .flatMap((step) => {
      const isSupplied = features.step(step).isLeftOut({});
      return planStep(features, step, compiled, isSupplied ? undefined : version);
    });
  const wires = planWires(features, file, steps);
  const runClaims = (file.expect ?? []).flatMap((expectation) =>
    features.claimsOf(expectation, undefined, { wires }),
  );
  const stepClaims = steps.flatMap((step) => {
    const written = file.steps.find((candidate) => candidate.id === step.base);
    const own = (written?.expect ?? []).filter(
      (expectation) =>
        expectation.for?.some((name) => name === step.client || step.about?.includes(name)) ?? true,
    );
    return own.flatMap((expectation) => features.claimsOf(expectation, step, { wires }));
  });
  const claims = [...stepClaims, ...runClaims];
  const doesNotProve = text((language) => narration[language].doesNotProve);
  const leftOut = version && leftOutOf(planScenario(features, compiled, supplied), { steps, claims });
  const closing = leftOut && leftOutWords(leftOut, compiled.name);
  return {
    scenario: compiled.name,
    title: text((language) => narration[language].title),
    intro: text((language) => narration[language].intro),
    ...(narration.en.takeaway === undefined
      ? {}
      : { takeaway: text((language) => narration[language].takeaway ?? '') }),
    doesNotProve: closing
      ? text((language) => `${closing[language]}\n\n${doesNotProve[language]}`)
      : doesNotProve,
    ...(narration.en.misconceptions === undefined
      ? {}
      : { misconceptions: text((language) => narration[language].misconceptions ?? '') }),
    secrets: Object.entries(file.secrets).map(([id, { value }]) => ({ id, value })),
    accounts: Object.entries(file.accounts).map(([name, account]) => ({
      name,
      user: account.user ?? name,
      password: file.secrets[account.password]?.value ?? '',
      rrn: file.secrets[account.rrn]?.value ?? '',
    })),
    servers,
    proxies,
    clients: Object.entries(file.clients).map(([name, client]) => ({ ...client, name })),
    wires,
    steps,
    claims,
    ...(leftOut ? { leftOut } : {}),
    ...features.all.reduce<PlanAdditions>(
      (known, feature) => ({ ...known, ...feature.plan?.(compiled, supplied) }),
      {},
    ),
    stepTimeoutMs: file.stepTimeoutMs ?? 30_000,
  };
}

function leftOutOf(
  whole: Pick<Plan, 'steps' | 'claims'>,
  { steps, claims }: Pick<Plan, 'steps' | 'claims'>,
): LeftOut {
  return { steps: whole.steps.length - steps.length, claims: whole.claims.length - claims.length };
}

/** @param version of which it becomes a part; the whole step by default */
function planStep(
  features: Features,
  step: StepFile,
  compiled: CompiledScenario,
  version?: ShortVersion,
): PlannedStep[] {
  const { file } = compiled;
  const { kind, row, entryPoints, hasGroups, parts: partsOf } = features.step(step);
  const tries = partsOf(file).filter(({ ids }) => version?.has(ids) ?? true);
  return tries.map(({ client, tls, ids, about, act }, index): PlannedStep => {
    const begins = (level: number): boolean => tries[index - 1]?.ids[level] !== ids[level];
    const ends = (level: number): boolean => tries[index + 1]?.ids[level] !== ids[level];
    const parts = ids.map(
      (id, level): TextPart => ({
        id,
        isFirst: begins(level),
        isLast: ends(level),
        isGroup: level === 0 && hasGroups,
      }),
    );
    const asks = version?.asks(ids) ?? true;
    const text = asks ? textOf(compiled, parts, tls) : withoutQuestion(textOf(compiled, parts, tls));
    const goesOn = !asks || (index > 0 && !text.question);
    const ways = entryPoints.map((entryPoint) => ({ ...pathFrom(entryPoint, file), from: entryPoint.from }));
    return {
      id: ids.at(-1) ?? step.id,
      base: step.id,
      kind,
      reports: row.reports,
      ...(tls === undefined ? {} : { tls }),
      client,
      ...(about ? { about } : {}),
      entryPoints,
      path: [...new Set(ways.flatMap(({ path }) => path))],
      server: ways.findLast(({ from }) => from === undefined)?.server ?? '',
      [kind]: act,
      text,
      ...(step.show ? { show: step.show } : {}),
      ...(goesOn ? { goesOn } : {}),
    };
  });
}

/** For a step that does not wait: nobody can answer. */
function withoutQuestion(text: StepText): StepText {
  const rest: Partial<Record<keyof StepText, unknown>> = { ...text };
  delete rest.question;
  delete rest.choices;
  delete rest.answer;
  return rest as StepText;
}

/** The wires from a client to the server behind an entry point, in order. Parsing has checked references and cycles. */
function pathFrom(
  { to, wire }: EntryPoint,
  file: ScenarioFile,
): { readonly path: readonly string[]; readonly server: string } {
  const path: string[] = [];
  if (wire !== undefined) path.push(wire);
  let at = to;
  for (let proxy = file.proxies?.[at]; proxy; proxy = file.proxies?.[at]) {
    for (const hop of [proxy.wires.incoming, proxy.wires.outgoing]) if (!path.includes(hop)) path.push(hop);
    at = proxy.target;
  }
  return { path, server: at };
}

/** A section of the text that a planned step belongs to, from the outermost inwards, and whether the step opens or closes it. */
interface TextPart {
  readonly id: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** It covers several clients. */
  readonly isGroup: boolean;
}

function textOf(
  compiled: CompiledScenario,
  parts: readonly TextPart[],
  tls: TlsChoice | undefined,
): StepText {
  const narrationOf = (language: Language, part: TextPart): StepNarration | undefined =>
    compiled.narration[language].steps[part.id];
  const gather = (
    shown: readonly TextPart[],
    of: (text: StepNarration, part: TextPart) => string | undefined,
  ): Localized | undefined => {
    const text = localized((language) =>
      shown
        .flatMap((part) => {
          const narration = narrationOf(language, part);
          return narration ? (of(narration, part) ?? []) : [];
        })
        .filter(Boolean)
        .join('\n\n'),
    );
    return text.en ? text : undefined;
  };
  const opened = parts.filter(({ isFirst }) => isFirst);
  // With several clients, each has its own title; the title of the whole step goes above its text.
  const before = gather(opened, ({ title, before: text }, part) =>
    part.isGroup && title ? `${title}\n\n${text}` : text,
  );
  const question = gather(opened, (text) => text.question);
  const choices = gather(opened, (text) => text.choices);
  const notes = gather(opened, (text) => text.notes);
  const closed = parts.filter(({ isLast }) => isLast);
  // The first of several TLS versions answers a question about a client; one about several clients is answered by the last.
  const answer = gather(
    parts.filter(({ isGroup, isFirst, isLast }) => (isGroup ? isLast : isFirst)),
    (text) => text.choices,
  );
  // The innermost part that has one: a part with several clients differs from the whole.
  const titled = parts.findLast((part) => narrationOf('en', part)?.headline);
  const headline = titled && localized((language) => narrationOf(language, titled)?.headline ?? '');
  const headlineTone = titled && narrationOf('en', titled)?.headlineTone;
  // After the last part, the text for this part precedes the text for the whole step.
  const after = gather(closed.toReversed(), (text) => text.after);
  return {
    title: localized((language) =>
      titleOf(parts, (part) => narrationOf(language, part)?.title, tls && versionWords[language](tls)),
    ),
    ...(before ? { before } : {}),
    ...(question ? { question } : {}),
    ...(question && choices ? { choices } : {}),
    ...(answer ? { answer } : {}),
    ...(headline ? { headline } : {}),
    ...(headlineTone ? { headlineTone } : {}),
    ...(notes ? { notes } : {}),
    ...(after ? { after } : {}),
  };
}

/** Its own title; otherwise that of the enclosing section and the TLS version. */
function titleOf(
  parts: readonly TextPart[],
  titled: (part: TextPart) => string | undefined,
  version: string | undefined,
): string {
  const own = parts.at(-1);
  const title = own && titled(own);
  if (title) return title;
  const around = parts.map(titled).findLast(Boolean);
  return around ? around + (version ?? '') : (own?.id ?? '');
}

/** What the version adds to the title of a client's part. */
const versionWords: Readonly<Record<Language, (tls: TlsChoice) => string>> = {
  en: (tls) => `, on TLS ${tls}`,
  ko: (tls) => `, TLS ${tls}`,
};

/** The name for which a client asks at a participant: a proxy has that of its target, whose place it takes. */
export function hostOf(name: string, file: Pick<ScenarioFile, 'servers' | 'proxies'>): string {
  const proxy = file.proxies?.[name];
  return proxy
    ? (proxy.host ?? hostOf(proxy.target, file))
    : (file.servers[name]?.host ?? `${name}.localhost`);
}

function planProxies(file: ScenarioFile): PlannedProxy[] {
  const planned = new Map<string, PlannedProxy>();
  const place = (name: string): void => {
    const proxy = file.proxies?.[name];
    if (!proxy || planned.has(name)) return;
    place(proxy.target);
    const host = hostOf(name, file);
    planned.set(name, { ...proxy, name, host, pump: proxy.pump ?? defaultPump(proxy.kind) });
  };
  for (const name of Object.keys(file.proxies ?? {})) place(name);
  return [...planned.values()];
}

function planWires(features: Features, file: ScenarioFile, steps: readonly PlannedStep[]): PlannedWire[] {
  const wires = new Map<string, PlannedWire>();
  const add = (
    hop: string,
    from: string,
    to: string,
    security: PlannedWire['security'],
    { who = from, standing }: { readonly who?: string; readonly standing?: true } = {},
  ): void => {
    const known = wires.get(hop);
    const protocol = protocolOf(features, to, security, file);
    const isMutual =
      protocol === spokenAt(undefined, 'tls') &&
      asksForCertificate(to, file) &&
      file.clients[who]?.certificate !== undefined;
    if (known) {
      const isNew = known.from !== from && !known.alsoFrom?.includes(from);
      wires.set(hop, {
        ...known,
        ...(isNew ? { alsoFrom: [...(known.alsoFrom ?? []), from] } : {}),
        ...(isMutual ? { mutualFor: [...new Set([...(known.mutualFor ?? []), who])] } : {}),
      });
      return;
    }
    const seat = file.wires?.[hop]?.seat;
    wires.set(hop, {
      hop,
      from,
      to,
      protocol,
      security,
      ...(isMutual ? { mutualFor: [who] } : {}),
      ...(standing ? { standing } : {}),
      ...(seat ? { seat } : {}),
    });
  };
  for (const { who, to, wire } of steps.flatMap(({ client, entryPoints }) =>
    entryPoints.map(({ from: other, ...entryPoint }) => ({ who: other ?? client, ...entryPoint })),
  )) {
    if (wire !== undefined) add(wire, who, to, securityOf(to, file));
    let from = who;
    let origin = who;
    let at = to;
    for (let proxy = file.proxies?.[at]; proxy; proxy = file.proxies?.[at]) {
      if (from === who) add(proxy.wires.incoming, from, at, securityOf(at, file));
      const outgoing = isThrough(proxy.kind)
        ? securityOf(at, file)
        : (proxy.towardsTarget?.security ?? 'plain');
      add(proxy.wires.outgoing, at, proxy.target, outgoing, { who: isThrough(proxy.kind) ? origin : at });
      if (!isThrough(proxy.kind)) origin = at;
      from = at;
      at = proxy.target;
    }
  }
  for (const { wire, from, to, security } of features.standingWires(file))
    add(wire, from, to, security ?? securityOf(to, file), { standing: true });
  return [...wires.values()];
}

/** The protocol at an entry point, as the drawing names it. */
function protocolOf(
  features: Features,
  name: string,
  security: PlannedWire['security'],
  file: ScenarioFile,
): string {
  const server = file.servers[name];
  const proxy = file.proxies?.[name];
  const behind = proxy && file.servers[serverBehind(proxy, file)];
  // A web server's is that of its security; the name over TLS is that of the URL schemes: smtps, rediss.
  const written = [server, behind].flatMap(
    (one) => (one && features.server(one.kind).protocolOf?.(one)) ?? [],
  )[0];
  if (written !== undefined && security !== 'mtls' && proxy?.kind !== 'connect')
    return security === 'plain' ? written : `${written}s`;
  const own = server && features.server(server.kind).protocol;
  return own ?? spokenAt(proxy?.kind, security);
}

/** The server that a proxy leads to. */
function serverBehind({ target }: Pick<PlannedProxy, 'target'>, file: ScenarioFile): string {
  let at = target;
  for (let proxy = file.proxies?.[at]; proxy; proxy = file.proxies?.[at]) at = proxy.target;
  return at;
}

/** The security at a participant's entry point; a passthrough proxy has that of its target. */
function securityOf(name: string, file: ScenarioFile): PlannedWire['security'] {
  const proxy = file.proxies?.[name];
  if (!proxy) return file.servers[name]?.security ?? 'plain';
  if (isThrough(proxy.kind)) return securityOf(proxy.target, file);
  return proxyKinds[proxy.kind].accepts;
}

/** Whether a client with a certificate shows it there, and one without is admitted to the handshake nevertheless. */
function asksForCertificate(name: string, file: ScenarioFile): boolean {
  const proxy = file.proxies?.[name];
  if (!proxy) return file.servers[name]?.clientAuthorities !== undefined;
  return isThrough(proxy.kind) && asksForCertificate(proxy.target, file);
}

function localized(of: (language: Language) => string): Localized {
  return Object.fromEntries(languages.map((language) => [language, of(language)])) as Localized;
}
