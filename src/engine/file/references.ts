/**
 * Checks that the names in a scenario file are defined and that its parts fit together. Pure: it works on the validated
 * file and returns paths; `parse.ts` maps them to lines. A field is a reference because of its name (`certificate`,
 * `target`, …), at any depth, so a new kind of step or expectation is checked if it names its fields as the others do.
 */
import { defaultPump } from '../../proxy/kinds.ts';
import type { Localized } from '../../i18n/language.ts';
import { listNameOf, suiteNames, unknownSuites } from '../../wire/tls/cipher-names.ts';
import { namesOf } from '../extensions.ts';
import type { KnownStep } from '../feature.ts';
import type { Features } from '../features.ts';
import { needs, oneOf, repeatedIn } from '../problems.ts';
import type { Namespace, Problem, ProblemPath } from '../problems.ts';
import type { ScenarioFile, StepFile } from '../scenario.ts';
import { shortProblems } from './short.ts';

/** The recipe rows that a scenario may name. */
export interface RecipeNames {
  readonly identities: readonly string[];
  readonly authorities: readonly string[];
  /** The authorities that publish a revocation list. */
  readonly revocations: readonly string[];
}

/** Reference fields that every scenario has; features add their own. */
const fieldNames: Readonly<Record<string, Namespace>> = {
  password: 'secret',
  rrn: 'secret',
  secrets: 'secret',
  account: 'account',
  accounts: 'account',
  server: 'server',
  to: 'proxyOrServer',
  target: 'proxyOrServer',
  client: 'client',
  for: 'clientOrSite',
  wires: 'wire',
  wire: 'wire',
  twin: 'step',
  pin: 'identity',
  key: 'identity',
  certificate: 'identity',
  chain: 'identity',
  trust: 'authority',
  issuer: 'authority',
  clientAuthorities: 'authority',
  revocations: 'revocation',
};

/** In Korean with the particle that the sentence needs. */
const words: Readonly<Record<Namespace, Localized>> = {
  secret: { en: 'secret', ko: '비밀이' },
  account: { en: 'account', ko: '계정이' },
  server: { en: 'server', ko: '서버가' },
  proxyOrServer: { en: 'proxy or server', ko: '프록시나 서버가' },
  client: { en: 'client', ko: '클라이언트가' },
  wire: { en: 'wire', ko: '구간이' },
  step: { en: 'step', ko: '단계가' },
  identity: { en: 'certificate', ko: '인증서가 레시피에' },
  authority: { en: 'CA', ko: '인증 기관(CA)이 레시피에' },
  clientOrSite: { en: 'client or site', ko: '클라이언트나 사이트가' },
  revocation: {
    en: 'CA with a revocation list',
    ko: '인증 기관(CA) 가운데 인증서 폐기 목록(CRL)이 있는 것이 레시피에',
  },
};

/** Every inconsistency in the file, in file order. */
export function checkReferences(
  features: Features,
  file: ScenarioFile,
  recipe: RecipeNames | undefined,
): Problem[] {
  return [
    ...unknownNames(features, file, recipe),
    ...repeatedNames(features, file),
    ...clashes(file),
    ...circles(file),
    ...ill(features, file),
    ...unknownCiphers(file),
    ...shortProblems(features, file, stepFields(features)),
  ];
}

function fieldsOf(features: Features): Readonly<Record<string, Namespace>> {
  return features.all.reduce((known, { references }) => ({ ...known, ...references }), fieldNames);
}

/** The fields that name a step. */
export const stepFields = (features: Features): ReadonlySet<string> =>
  new Set(Object.entries(fieldsOf(features)).flatMap(([field, kind]) => (kind === 'step' ? [field] : [])));

function unknownNames(features: Features, file: ScenarioFile, recipe: RecipeNames | undefined): Problem[] {
  const steps = [...file.steps.map(({ id }) => id), ...features.multipliedIds(file)];
  const fields = fieldsOf(features);
  const sections = new Set(features.all.flatMap((feature) => Object.keys(feature.sections ?? {})));
  const names: Readonly<Record<Namespace, readonly string[]>> = {
    secret: Object.keys(file.secrets),
    account: Object.keys(file.accounts),
    server: Object.keys(file.servers),
    proxyOrServer: [...Object.keys(file.proxies ?? {}), ...Object.keys(file.servers)],
    client: Object.keys(file.clients),
    wire: wireNames(features, file),
    step: steps,
    identity: recipe?.identities ?? [],
    authority: recipe?.authorities ?? [],
    revocation: recipe?.revocations ?? [],
    clientOrSite: [...Object.keys(file.clients), ...alsoAbout(features, file)],
  };
  const problems: Problem[] = [];
  const check = (namespace: Namespace, value: unknown, path: ProblemPath): void => {
    if (typeof value !== 'string' || names[namespace].includes(value)) return;
    const ofRecipe = namespace === 'identity' || namespace === 'authority' || namespace === 'revocation';
    if (ofRecipe && !recipe) {
      problems.push({
        path,
        what: {
          en: 'missing certificates: NAME, the scenario’s certificate recipe',
          ko: '시나리오에 인증서 레시피(certificates: 이름)가 없습니다',
        },
        received: value,
      });
      return;
    }
    const { en, ko } = words[namespace];
    const plain = value.replace(/\.(?:crt|key|pem|crl)$/, '');
    const isFile = ofRecipe && plain !== value && names[namespace].includes(plain);
    problems.push({
      path,
      what: isFile
        ? {
            en: `this is a file; give the name without .${value.slice(plain.length + 1)}: ${plain}`,
            ko: `파일 이름입니다. .${value.slice(plain.length + 1)} 없이 이름만 적으세요: ${plain}`,
          }
        : { en: `unknown ${en}: ${value}`, ko: `그런 이름의 ${ko} 없습니다: ${value}` },
      expected: isFile ? { en: plain, ko: plain } : oneOf(names[namespace]),
      received: value,
      known: names[namespace],
      ...(namespace === 'wire'
        ? { missing: 'wire' as const }
        : namespace === 'proxyOrServer' || namespace === 'server'
          ? { missing: 'participant' as const }
          : {}),
    });
  };
  const walk = (value: unknown, path: ProblemPath): void => {
    if (Array.isArray(value)) value.forEach((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, child] of Object.entries(value)) {
      const namespace = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (namespace && Array.isArray(child))
        child.forEach((item, index) => check(namespace, item, [...path, key, index]));
      else if (namespace) check(namespace, child, [...path, key]);
      if (typeof child === 'object') walk(child, [...path, key]);
    }
  };
  // The keys of the other maps are names that the author chose: only their values are checked.
  for (const [part, value] of Object.entries(file)) {
    if (part === 'steps' || part === 'expect') walk(value, [part]);
    else if (part !== 'wires' && part !== 'secrets' && part !== 'certificates')
      for (const [name, entry] of Object.entries(value ?? {})) {
        // A feature checks what it passes on verbatim.
        if (!sections.has(part) || !Object.hasOwn(entry as object, 'object')) walk(entry, [part, name]);
      }
  }
  for (const wire of Object.keys(file.wires ?? {})) check('wire', wire, ['wires', wire]);
  check('step', file.picture, ['picture']);
  return problems;
}

/** Suites that OpenSSL does not have, in the cipher lists of a file. */
function unknownCiphers(file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  for (const part of ['servers', 'proxies', 'clients'] as const) {
    for (const [name, { ciphers }] of Object.entries(file[part] ?? {}))
      for (const suite of ciphers === undefined ? [] : unknownSuites(ciphers))
        problems.push({
          path: [part, name, 'ciphers'],
          what: {
            en: `OpenSSL has no cipher suite of this name, and would pass over it: ${suite}`,
            ko: `OpenSSL에 그런 이름의 암호 스위트가 없어 건너뛰게 됩니다: ${suite}`,
          },
          ...listName(suite),
          received: suite,
          known: suiteNames(),
        });
  }
  return problems;
}

function listName(suite: string): Pick<Problem, 'expected'> {
  const name = listNameOf(suite);
  return name === undefined ? {} : { expected: { en: name, ko: name } };
}

/** Of these a list is a set; certificates may be sent twice, as a misconfigured server does. */
const onceInAList: ReadonlySet<Namespace> = new Set([
  'secret',
  'account',
  'server',
  'proxyOrServer',
  'client',
  'wire',
  'step',
  'authority',
  'revocation',
  'clientOrSite',
]);

/** Names that a list of a step, of a claim or of a participant contains twice. */
function repeatedNames(features: Features, file: ScenarioFile): Problem[] {
  const fields = fieldsOf(features);
  const sequences = new Set(features.all.flatMap((feature) => feature.sequences ?? []));
  const problems: Problem[] = [];
  const walk = (value: unknown, path: ProblemPath): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (sequences.has(key)) continue;
      const at = Array.isArray(value) ? Number(key) : key;
      const namespace = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (namespace && onceInAList.has(namespace) && Array.isArray(child))
        problems.push(...repeatedIn(child, (entry) => entry, [...path, key]));
      walk(child, [...path, at]);
    }
  };
  for (const part of ['steps', 'expect', 'servers', 'proxies', 'clients', 'accounts'] as const)
    walk(file[part], [part]);
  return problems;
}

/** Duplicate names. */
function clashes(file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  const participants = new Set<string>();
  for (const part of ['servers', 'proxies', 'clients'] as const) {
    for (const name of Object.keys(file[part] ?? {})) {
      if (participants.has(name))
        problems.push({
          path: [part, name],
          what: {
            en: 'duplicate name: another participant uses it',
            ko: '이미 다른 참가자가 쓰는 이름입니다',
          },
          received: name,
        });
      participants.add(name);
    }
  }
  const wires = new Set<string>();
  // The wire between two proxies in a row has one name, which both may give.
  const between = (wire: string, end: 'incoming' | 'outgoing', name: string): boolean =>
    Object.entries(file.proxies ?? {}).some(
      ([other, { wires: theirs, target }]) =>
        theirs[end === 'incoming' ? 'outgoing' : 'incoming'] === wire &&
        (end === 'incoming' ? target === name : file.proxies?.[name]?.target === other),
    );
  for (const [name, { wires: own }] of Object.entries(file.proxies ?? {})) {
    for (const end of ['incoming', 'outgoing'] as const) {
      if (wires.has(own[end]) && !between(own[end], end, name))
        problems.push({
          path: ['proxies', name, 'wires', end],
          what: {
            en: 'duplicate name: another proxy taps this wire',
            ko: '이미 다른 프록시가 쓰는 구간 이름입니다',
          },
          received: own[end],
        });
      wires.add(own[end]);
    }
  }
  const steps = new Set<string>();
  for (const [index, { id }] of file.steps.entries()) {
    if (steps.has(id))
      problems.push({
        path: ['steps', index, 'id'],
        what: { en: 'duplicate step id', ko: '이미 다른 단계가 쓰는 id입니다' },
        received: id,
      });
    steps.add(id);
  }
  return problems;
}

function circles(file: ScenarioFile): Problem[] {
  return Object.keys(file.proxies ?? {}).flatMap((name): Problem[] => {
    const passed = new Set<string>();
    let at = name;
    for (let proxy = file.proxies?.[at]; proxy; proxy = file.proxies?.[at]) {
      if (passed.has(at))
        return [
          {
            path: ['proxies', name, 'target'],
            what: {
              en: 'the proxies form a cycle and never reach a server',
              ko: '프록시가 서로를 가리켜 서버에 닿지 못합니다',
            },
            received: [...passed, at].join(' -> '),
          },
        ];
      passed.add(at);
      at = proxy.target;
    }
    return [];
  });
}

/** Parts that exist but contradict each other. */
function ill(features: Features, file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  for (const [name, proxy] of Object.entries(file.proxies ?? {})) {
    const path = ['proxies', name];
    const ends = proxy.kind === 'tls' || proxy.kind === 'mtls';
    if (ends && proxy.certificate === undefined)
      problems.push(needs(path, 'certificate', `kind ${proxy.kind}`));
    if (proxy.kind === 'mtls' && proxy.clientAuthorities === undefined)
      problems.push(needs(path, 'clientAuthorities', 'kind mtls'));
    if (
      proxy.towardsTarget &&
      proxy.towardsTarget.security !== 'plain' &&
      proxy.towardsTarget.verify !== false &&
      !proxy.towardsTarget.trust
    ) {
      problems.push(needs([...path, 'towardsTarget'], 'trust', `security ${proxy.towardsTarget.security}`));
    }
    if (proxy.towardsTarget?.security === 'mtls' && proxy.towardsTarget.certificate === undefined)
      problems.push(needs([...path, 'towardsTarget'], 'certificate', 'security mtls'));
  }
  for (const [name, proxy] of Object.entries(file.proxies ?? {})) {
    const { pump = defaultPump(proxy.kind) } = proxy;
    for (const feature of features.all)
      problems.push(...(feature.proxyProblems?.({ ...proxy, pump }, ['proxies', name], file) ?? []));
  }
  for (const [name, server] of Object.entries(file.servers)) {
    const path = ['servers', name];
    const { security = 'plain' } = server;
    if (security !== 'plain' && server.certificate === undefined)
      problems.push(needs(path, 'certificate', `security ${security}`));
    if (security === 'mtls' && server.clientAuthorities === undefined)
      problems.push(needs(path, 'clientAuthorities', 'security mtls'));
    for (const feature of features.all)
      problems.push(...(feature.serverProblems?.(server, path, file) ?? []));
  }
  const accounts = Object.keys(file.accounts);
  const isLoggedIn = file.steps.some((step) => features.step(step).needsAccount);
  for (const [name, client] of Object.entries(file.clients)) {
    if (client.account === undefined && (accounts.length > 1 || (accounts.length === 0 && isLoggedIn)))
      problems.push(needs(['clients', name], 'account', `${accounts.length} accounts`));
  }
  for (const [index, step] of file.steps.entries()) {
    const known = features.step(step);
    problems.push(
      ...wrongEntryPoints(file, index, known),
      ...offThePath(features, file, index, known),
      ...known.problems({
        file,
        index,
        path: ['steps', index, known.kind],
        entryPointsOf: (other) => features.entryPointsOf(other),
        idsOf: (other) => [other.id, ...features.multipliedIds({ ...file, steps: [other] })],
      }),
      ...ofAnotherKind(features, step, index, known),
      ...(known.tries ? forOthers(features, file, index, known.tries) : []),
    );
  }
  problems.push(...ofNoStep(features, file));
  return problems;
}

/** Most expectations apply to a step. */
function ofNoStep(features: Features, file: ScenarioFile): Problem[] {
  return (file.expect ?? []).flatMap((expectation, position) =>
    namesOf(features.expectations).flatMap((kind): Problem[] => {
      if (expectation[kind] === undefined || features.expectation(kind).isOfRun) return [];
      return [
        {
          path: ['expect', position, kind],
          what: {
            en: `${kind} applies to a step, not to the whole run`,
            ko: `${kind}: 전체 실행이 아니라 한 단계에 쓰는 기대 항목입니다`,
          },
          expected: { en: `${kind} in the expect of a step`, ko: `단계의 expect 안에 쓴 ${kind}` },
        },
      ];
    }),
  );
}

/** The client's side names the wire to a server; a proxy names its own wires. */
function wrongEntryPoints(file: ScenarioFile, index: number, { kind, entryPoints }: KnownStep): Problem[] {
  return entryPoints.flatMap(({ to, wire }): Problem[] => {
    if (file.servers[to] && wire === undefined)
      return [needs(['steps', index, kind], 'wire', `a ${kind} straight at a server`)];
    if (!file.proxies?.[to] || wire === undefined) return [];
    return [
      {
        path: ['steps', index, kind, 'wire'],
        what: {
          en: 'a proxy names its own wires; omit this field',
          ko: '프록시의 구간 이름은 프록시에 적습니다. 여기서는 빼세요',
        },
        received: wire,
      },
    ];
  });
}

/** A wire that carries none of a step's bytes proves nothing about the step. */
function offThePath(
  features: Features,
  file: ScenarioFile,
  index: number,
  { entryPoints }: KnownStep,
): Problem[] {
  const path: string[] = [];
  for (const { to, wire } of entryPoints) {
    if (wire !== undefined) path.push(wire);
    const passed = new Set<string>();
    let at = to;
    for (let proxy = file.proxies?.[at]; proxy && !passed.has(at); proxy = file.proxies?.[at]) {
      passed.add(at);
      path.push(proxy.wires.incoming, proxy.wires.outgoing);
      at = proxy.target;
    }
    for (const { wire: behind, from, to: server } of features.standingWires(file))
      if (from === at || server === at) path.push(behind);
  }
  const problems: Problem[] = [];
  for (const [position, expectation] of (file.steps[index]?.expect ?? []).entries()) {
    for (const [kind, facts] of Object.entries(expectation)) {
      const wires = typeof facts === 'object' && 'wires' in facts ? facts.wires : undefined;
      const wire =
        typeof facts === 'object' && 'wire' in facts && typeof facts.wire === 'string'
          ? facts.wire
          : undefined;
      const places = [
        ...(wires ?? []).map((one, place) => ({ one, at: ['wires', place] })),
        ...(wire === undefined ? [] : [{ one: wire, at: ['wire'] }]),
      ];
      places.forEach(({ one: wire, at }) => {
        if (path.includes(wire) || !wireNames(features, file).includes(wire)) return;
        problems.push({
          path: ['steps', index, 'expect', position, kind, ...at],
          what: {
            en: 'this step’s bytes do not cross that wire',
            ko: '이 단계의 바이트는 그 구간을 지나지 않습니다',
          },
          expected: oneOf(path),
          received: wire,
        });
      });
    }
  }
  return problems;
}

/** An expectation for a client or site that the step does not use proves nothing. */
function forOthers(
  features: Features,
  file: ScenarioFile,
  index: number,
  clients: readonly string[],
): Problem[] {
  const others = alsoAbout(features, file);
  return (file.steps[index]?.expect ?? []).flatMap((expectation, position) =>
    (expectation.for ?? []).flatMap((name, place): Problem[] =>
      clients.includes(name) || !(Object.hasOwn(file.clients, name) || others.includes(name))
        ? []
        : [
            {
              path: ['steps', index, 'expect', position, 'for', place],
              what: {
                en: 'this step does not use this client or site',
                ko: '이 단계에서 시도하지 않는 클라이언트나 사이트입니다',
              },
              expected: oneOf(clients),
              received: name,
            },
          ],
    ),
  );
}

/** Some expectations apply to one kind of step only. */
function ofAnotherKind(
  features: Features,
  step: StepFile,
  index: number,
  { kind: own }: KnownStep,
): Problem[] {
  return (step.expect ?? []).flatMap((expectation, position) =>
    namesOf(features.expectations).flatMap((kind): Problem[] => {
      const wanted = expectation[kind] === undefined ? undefined : features.expectation(kind).ofStep;
      if (wanted === undefined || wanted === own) return [];
      return [
        {
          path: ['steps', index, 'expect', position, kind],
          what: {
            en: `${kind} does not apply to this kind of step`,
            ko: `${kind}: 다른 종류의 단계에 쓰는 기대 항목입니다`,
          },
          expected: { en: `a step with ${wanted}`, ko: `${wanted} 단계` },
          received: own,
        },
      ];
    }),
  );
}

function alsoAbout(features: Features, file: ScenarioFile): string[] {
  return features.all.flatMap((feature) => feature.alsoAbout?.(file) ?? []);
}

function wireNames(features: Features, file: ScenarioFile): string[] {
  const names = new Set<string>();
  for (const step of file.steps)
    for (const { wire } of features.entryPointsOf(step)) if (wire !== undefined) names.add(wire);
  for (const { wire } of features.standingWires(file)) names.add(wire);
  for (const { wires } of Object.values(file.proxies ?? {})) names.add(wires.incoming).add(wires.outgoing);
  return [...names];
}
