/**
 * Checks that what a scenario file names exists, and that its parts fit together. Pure: it works on the validated file
 * and answers with paths; `parse.ts` knows the lines. A field is a reference by its name (`certificate`, `target`, …)
 * wherever it stands, so that a new kind of step or expectation is checked by naming its fields as the others do.
 */
import type { Localized } from '../i18n/language.ts';
import type { ExpectationFile, ScenarioFile, ServerFile, StepFile } from './scenario.ts';
import { standingWires } from './standing-wires.ts';
import { doorsOf, kindOf, multipliedIds } from '../features/steps.ts';
import { clientsOf } from '../features/login/step.ts';
import type { LoginFacts } from '../features/login/step.ts';

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly what: Localized;
  readonly expected?: Localized;
  readonly received?: string;
  /** Names among which the wrong one may have been meant. */
  readonly known?: readonly string[];
  /** What nobody has who is named: of a file in two parts, it may be the other part that lacks it. */
  readonly missing?: 'wire' | 'participant';
}

/** The rows of a recipe that a scenario may name. */
export interface RecipeNames {
  readonly identities: readonly string[];
  readonly authorities: readonly string[];
  /** The authorities that publish a revocation list. */
  readonly revocations: readonly string[];
}

type Namespace =
  | 'secret'
  | 'account'
  | 'server'
  | 'proxyOrServer'
  | 'client'
  | 'wire'
  | 'step'
  | 'identity'
  | 'authority'
  | 'revocation'
  | 'clientOrSite';

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
  reachedOver: 'wire',
  hears: 'wire',
  watched: 'wire',
  twin: 'step',
  recorded: 'step',
  eavesdropper: 'client',
  key: 'identity',
  catalogue: 'step',
  meant: 'server',
  resolver: 'server',
  pin: 'identity',
  certificate: 'identity',
  was: 'identity',
  becomes: 'identity',
  chain: 'identity',
  sent: 'identity',
  way: 'identity',
  above: 'identity',
  trust: 'authority',
  verifiedBy: 'authority',
  tokenFrom: 'client',
  clientAuthorities: 'authority',
  revocations: 'revocation',
  issuer: 'authority',
  publicKeyOf: 'identity',
  publishesAt: 'server',
  diverted: 'server',
  install: 'server',
  issuedIn: 'step',
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
  identity: { en: 'certificate in the recipe', ko: '인증서가 레시피에' },
  authority: { en: 'CA in the recipe', ko: '인증 기관(CA)이 레시피에' },
  clientOrSite: { en: 'client or site', ko: '클라이언트나 사이트가' },
  revocation: {
    en: 'CA with a revocation list in the recipe',
    ko: '인증 기관(CA) 가운데 인증서 폐기 목록(CRL)이 있는 것이 레시피에',
  },
};

/** Everything in the file that does not fit, in its order. */
export function checkReferences(file: ScenarioFile, recipe: RecipeNames | undefined): Problem[] {
  return [...unknownNames(file, recipe), ...clashes(file), ...circles(file), ...ill(file)];
}

function unknownNames(file: ScenarioFile, recipe: RecipeNames | undefined): Problem[] {
  const steps = [...file.steps.map(({ id }) => id), ...multipliedIds(file)];
  const sites = Object.values(file.servers).flatMap((server) => Object.keys(server.sites ?? {}));
  const names: Readonly<Record<Namespace, readonly string[]>> = {
    secret: Object.keys(file.secrets),
    account: Object.keys(file.accounts),
    server: Object.keys(file.servers),
    proxyOrServer: [...Object.keys(file.proxies ?? {}), ...Object.keys(file.servers)],
    client: Object.keys(file.clients),
    wire: wireNames(file),
    step: steps,
    identity: recipe?.identities ?? [],
    authority: recipe?.authorities ?? [],
    revocation: recipe?.revocations ?? [],
    clientOrSite: [...Object.keys(file.clients), ...sites],
  };
  const problems: Problem[] = [];
  const check = (namespace: Namespace, value: unknown, path: Problem['path']): void => {
    if (typeof value !== 'string' || names[namespace].includes(value)) return;
    const ofRecipe = namespace === 'identity' || namespace === 'authority' || namespace === 'revocation';
    if (ofRecipe && !recipe) {
      problems.push({
        path,
        what: {
          en: 'the scenario names no recipe for certificates (certificates: NAME)',
          ko: '시나리오에 인증서 레시피(certificates: 이름)가 없습니다',
        },
        received: value,
      });
      return;
    }
    const { en, ko } = words[namespace];
    problems.push({
      path,
      what: { en: `there is no ${en} of that name`, ko: `그런 이름의 ${ko} 없습니다` },
      expected: oneOf(names[namespace]),
      received: value,
      known: names[namespace],
      ...(namespace === 'wire'
        ? { missing: 'wire' as const }
        : namespace === 'proxyOrServer' || namespace === 'server'
          ? { missing: 'participant' as const }
          : {}),
    });
  };
  const walk = (value: unknown, path: Problem['path']): void => {
    if (Array.isArray(value)) value.forEach((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, child] of Object.entries(value)) {
      const namespace = Object.hasOwn(fieldNames, key) ? fieldNames[key] : undefined;
      if (namespace && Array.isArray(child))
        child.forEach((item, index) => check(namespace, item, [...path, key, index]));
      else if (namespace) check(namespace, child, [...path, key]);
      if (typeof child === 'object') walk(child, [...path, key]);
    }
  };
  // The keys of the other maps are names that the author chose: what counts stands below them.
  for (const [part, value] of Object.entries(file)) {
    if (part === 'steps' || part === 'expect') walk(value, [part]);
    else if (part !== 'wires' && part !== 'secrets' && part !== 'certificates')
      for (const [name, entry] of Object.entries(value ?? {})) {
        // An object of Kubernetes has words of its own.
        if (part !== 'manifests' || !Object.hasOwn(entry as object, 'object')) walk(entry, [part, name]);
      }
  }
  for (const wire of Object.keys(file.wires ?? {})) check('wire', wire, ['wires', wire]);
  return problems;
}

/** Names that would mean two things. */
function clashes(file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  const participants = new Set<string>();
  for (const part of ['servers', 'proxies', 'clients'] as const) {
    for (const name of Object.keys(file[part] ?? {})) {
      if (participants.has(name))
        problems.push({
          path: [part, name],
          what: { en: 'another participant has this name already', ko: '이미 다른 참가자가 쓰는 이름입니다' },
          received: name,
        });
      participants.add(name);
    }
  }
  const wires = new Set<string>();
  for (const [name, { wires: own }] of Object.entries(file.proxies ?? {})) {
    for (const end of ['incoming', 'outgoing'] as const) {
      if (wires.has(own[end]))
        problems.push({
          path: ['proxies', name, 'wires', end],
          what: {
            en: 'another proxy taps a wire of this name already',
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
        what: { en: 'another step has this id already', ko: '이미 다른 단계가 쓰는 id입니다' },
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
              en: 'the proxies lead in a circle and reach no server',
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

/** Parts that exist and do not fit together. */
function ill(file: ScenarioFile): Problem[] {
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
  }
  for (const [name, server] of Object.entries(file.servers)) {
    const path = ['servers', name];
    const { security = 'plain' } = server;
    if (security !== 'plain' && server.certificate === undefined)
      problems.push(needs(path, 'certificate', `security ${security}`));
    if (security === 'mtls' && server.clientAuthorities === undefined)
      problems.push(needs(path, 'clientAuthorities', 'security mtls'));
    const store = server.controlPlane?.etcd;
    if (store) problems.push(...noStore([...path, 'controlPlane', 'etcd'], store, file));
    if (server.kind === 'certificate-authority' && server.issuer === undefined)
      problems.push(needs(path, 'issuer', `kind ${server.kind}`));
  }
  const accounts = Object.keys(file.accounts);
  const isLoggedIn = file.steps.some(({ login, visit }) => login !== undefined || visit?.login === true);
  for (const [name, client] of Object.entries(file.clients)) {
    if (client.account === undefined && (accounts.length > 1 || (accounts.length === 0 && isLoggedIn)))
      problems.push(needs(['clients', name], 'account', `${accounts.length} accounts`));
  }
  for (const [index, step] of file.steps.entries()) {
    problems.push(...wrongDoors(file, index, step), ...offThePath(file, index, step));
    problems.push(
      ...unfitForToys(file, index, step),
      ...notRecorded(file, index, step),
      ...ofAnotherKind(file, index, step),
      ...nothingAsked(index, step),
      ...notRestartable(file, index, step),
    );
    const { login, lookUp } = step;
    if (lookUp)
      problems.push(
        ...forOthers(file, index, clientsOf(lookUp)),
        ...noResolver(file, index, lookUp.resolver),
      );
    if (!login) continue;
    problems.push(
      ...forOthers(file, index, [...clientsOf(login), ...(login.sites ?? [])]),
      ...notThere(file, index, login),
      ...neverTried(file, index, login),
      ...notTakenBack(file, index, login),
    );
  }
  return problems;
}

/** What keeps an API server's objects is an etcd, and whom it lets in depends on how it is secured. */
function noStore(
  path: Problem['path'],
  {
    server,
    certificate,
    trust,
    connectedDaysAgo,
  }: NonNullable<NonNullable<ServerFile['controlPlane']>['etcd']>,
  file: ScenarioFile,
): Problem[] {
  const found = file.servers[server];
  if (!found) return [];
  if (found.kind !== 'etcd')
    return [
      {
        path: [...path, 'server'],
        what: { en: `${server} keeps no objects`, ko: `${server}: 객체를 저장하는 서버가 아닙니다` },
        expected: { en: 'a server of kind etcd', ko: 'kind가 etcd인 서버' },
        received: found.kind,
      },
    ];
  const { security = 'plain' } = found;
  const unmovable = connectedDaysAgo !== undefined && found.etcd?.real === true;
  return [
    ...(unmovable
      ? [
          {
            path: [...path, 'connectedDaysAgo'],
            what: {
              en: 'the clock of the real etcd is that of this machine',
              ko: '실제 etcd의 시계는 이 컴퓨터의 시계입니다',
            },
            expected: { en: 'an etcd without etcd.real', ko: 'etcd.real이 없는 etcd' },
            received: String(connectedDaysAgo),
          },
        ]
      : []),
    ...(security !== 'plain' && trust === undefined ? [needs(path, 'trust', `security ${security}`)] : []),
    ...(security === 'mtls' && certificate === undefined
      ? [needs(path, 'certificate', 'security mtls')]
      : []),
  ];
}

/** A request that is not brought is made, and for that there must be a key and something to ask for. */
function nothingAsked(index: number, { enrol }: StepFile): Problem[] {
  if (!enrol || enrol.brought) return [];
  return (['key', 'asks'] as const).flatMap((field) =>
    enrol[field] === undefined ? [needs(['steps', index, 'enrol'], field, 'no request that is brought')] : [],
  );
}

/** What is to start anew must be there. */
function notRestartable(file: ScenarioFile, index: number, { restart }: StepFile): Problem[] {
  const server = restart && file.servers[restart.server];
  if (
    !server ||
    (server.kind === 'etcd'
      ? restart.process === 'etcd'
      : server.kind === 'kube-apiserver' &&
        (restart.process === 'kube-apiserver' ||
          (restart.process === 'kube-controller-manager' && server.controlPlane?.controllerManager)))
  )
    return [];
  return [
    {
      path: ['steps', index, 'restart', 'process'],
      what: {
        en: `${restart.server} has no such process`,
        ko: `${restart.server}: 그런 프로세스가 없습니다`,
      },
      expected: {
        en: 'a server of the kind that the process is; for the controller manager an API server with controlPlane.controllerManager',
        ko: 'kind가 그 프로세스인 서버. 컨트롤러 매니저라면 controlPlane.controllerManager가 있는 API 서버',
      },
      received: restart.process,
    },
  ];
}

/** The wire to a server is named by who goes there, the wires of a proxy by the proxy. */
function wrongDoors(file: ScenarioFile, index: number, step: StepFile): Problem[] {
  const { kind } = kindOf(step);
  return doorsOf(step).flatMap(({ to, wire }): Problem[] => {
    if (file.servers[to] && wire === undefined)
      return [needs(['steps', index, kind], 'wire', `a ${kind} straight at a server`)];
    if (!file.proxies?.[to] || wire === undefined) return [];
    return [
      {
        path: ['steps', index, kind, 'wire'],
        what: {
          en: 'a proxy names its wires itself; leave this out',
          ko: '프록시의 구간 이름은 프록시에 적습니다. 여기서는 빼세요',
        },
        received: wire,
      },
    ];
  });
}

/** A wire that a step's bytes never pass proves nothing about the step. */
function offThePath(file: ScenarioFile, index: number, step: StepFile): Problem[] {
  const path: string[] = [];
  for (const { to, wire } of doorsOf(step)) {
    if (wire !== undefined) path.push(wire);
    const passed = new Set<string>();
    let at = to;
    for (let proxy = file.proxies?.[at]; proxy && !passed.has(at); proxy = file.proxies?.[at]) {
      passed.add(at);
      path.push(proxy.wires.incoming, proxy.wires.outgoing);
      at = proxy.target;
    }
    for (const { wire: behind, from, to: server } of standingWires(file))
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
        if (path.includes(wire) || !wireNames(file).includes(wire)) return;
        problems.push({
          path: ['steps', index, 'expect', position, kind, ...at],
          what: {
            en: 'this step’s bytes do not pass that wire',
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

/** A site is one of the server at whose door the step stands. */
function notThere(file: ScenarioFile, index: number, { to, sites = [] }: LoginFacts): Problem[] {
  const known = Object.keys(file.servers[to]?.sites ?? {});
  return sites.flatMap((site, place): Problem[] =>
    known.includes(site)
      ? []
      : [
          {
            path: ['steps', index, 'login', 'sites', place],
            what: { en: `${to} has no site of that name`, ko: `${to}: 그런 이름의 사이트가 없습니다` },
            expected: oneOf(known),
            received: site,
          },
        ],
  );
}

/** An expectation for a client that the step does not send, or a site that it does not ask for, proves nothing. */
function forOthers(file: ScenarioFile, index: number, clients: readonly string[]): Problem[] {
  return (file.steps[index]?.expect ?? []).flatMap((expectation, position) =>
    (expectation.for ?? []).flatMap((name, place): Problem[] =>
      clients.includes(name) ||
      !(Object.hasOwn(file.clients, name) || Object.values(file.servers).some(({ sites }) => sites?.[name]))
        ? []
        : [
            {
              path: ['steps', index, 'expect', position, 'for', place],
              what: {
                en: 'this client or site is not tried in this step',
                ko: '이 단계에서 시도하지 않는 클라이언트나 사이트입니다',
              },
              expected: oneOf(clients),
              received: name,
            },
          ],
    ),
  );
}

/** Who is asked must be able to answer. */
function noResolver(file: ScenarioFile, index: number, name: string): Problem[] {
  const kind = file.servers[name]?.kind;
  if (kind === undefined || kind === 'resolver') return [];
  return [
    {
      path: ['steps', index, 'lookUp', 'resolver'],
      what: {
        en: `${name} answers no questions about names`,
        ko: `${name}: 이름을 찾아 주는 서버가 아닙니다`,
      },
      expected: { en: 'a server of kind resolver', ko: 'kind가 resolver인 서버' },
      received: kind,
    },
  ];
}

/** A client that speaks none of the step's versions would silently be left out. */
function neverTried(file: ScenarioFile, index: number, facts: LoginFacts): Problem[] {
  const { tls } = facts;
  if (tls === undefined) return [];
  return clientsOf(facts).flatMap((name): Problem[] => {
    const spoken = file.clients[name]?.tls;
    if (spoken === undefined || spoken.some((version) => tls.includes(version))) return [];
    return [
      {
        path: ['steps', index, 'login', 'tls'],
        what: {
          en: `${name} speaks none of these versions of TLS`,
          ko: `${name}: 여기 적힌 TLS 버전을 쓰지 않습니다`,
        },
        expected: oneOf(spoken),
        received: tls.join(', '),
      },
    ];
  });
}

/** What is to be taken back must be there, and somebody must look at the list. */
function notTakenBack(file: ScenarioFile, index: number, facts: LoginFacts): Problem[] {
  if (!facts.revokedMeanwhile) return [];
  const path = ['steps', index, 'login', 'revokedMeanwhile'];
  const problems = clientsOf(facts).flatMap((name): Problem[] =>
    file.clients[name] && file.clients[name].certificate === undefined
      ? [needs(['clients', name], 'certificate', 'revokedMeanwhile')]
      : [],
  );
  const door = file.proxies?.[facts.to];
  if (door?.revocations) return problems;
  return [
    ...problems,
    {
      path,
      what: {
        en: `${facts.to} looks at no revocation list`,
        ko: `${facts.to}: 인증서 폐기 목록을 확인하지 않습니다`,
      },
      expected: { en: 'a proxy of kind mtls with revocations', ko: 'revocations가 있는 mtls 프록시' },
      received: facts.to,
    },
  ];
}

/** The toy protocol is spoken by one kind of server, and locked with its key. */
function unfitForToys(file: ScenarioFile, index: number, { toyLogin }: StepFile): Problem[] {
  const server = toyLogin && file.servers[toyLogin.to];
  if (!server) return [];
  if (server.kind !== 'toy-login-server') {
    return [
      {
        path: ['steps', index, 'toyLogin', 'to'],
        what: {
          en: `${toyLogin.to} does not speak the toy protocol`,
          ko: `${toyLogin.to}: 장난감 프로토콜을 쓰지 않는 서버입니다`,
        },
        expected: { en: 'a server of kind toy-login-server', ko: 'toy-login-server 종류의 서버' },
        received: server.kind,
      },
    ];
  }
  return toyLogin.lock !== 'shared-key' && server.certificate === undefined
    ? [needs(['servers', toyLogin.to], 'certificate', `lock ${toyLogin.lock}`)]
    : [];
}

/** Expectations that are about what one kind of step does. */
const belongsTo = {
  overheard: 'toyLogin',
  opened: 'theft',
  keyReaders: 'keyFile',
  threePackets: 'connect',
} as const satisfies Partial<Record<keyof ExpectationFile, keyof StepFile>>;

function ofAnotherKind(file: ScenarioFile, index: number, step: StepFile): Problem[] {
  return (file.steps[index]?.expect ?? []).flatMap((expectation, position) =>
    Object.entries(belongsTo).flatMap(([kind, wanted]): Problem[] => {
      if (expectation[kind as keyof typeof belongsTo] === undefined || step[wanted] !== undefined) return [];
      return [
        {
          path: ['steps', index, 'expect', position, kind],
          what: {
            en: `${kind} is about a step of another kind`,
            ko: `${kind}: 다른 종류의 단계에 쓰는 기대 항목입니다`,
          },
          expected: { en: `a step with ${wanted}`, ko: `${wanted} 단계` },
          received: kindOf(step).kind,
        },
      ];
    }),
  );
}

/** A thief has what was recorded before, and only of a step whose bytes passed a wire. */
function notRecorded(file: ScenarioFile, index: number, { theft }: StepFile): Problem[] {
  if (!theft) return [];
  const earlier = file.steps.slice(0, index).filter((step) => doorsOf(step).length > 0);
  const ids = earlier.flatMap((step) => [step.id, ...multipliedIds({ ...file, steps: [step] })]);
  if (ids.includes(theft.recorded)) return [];
  return [
    {
      path: ['steps', index, 'theft', 'recorded'],
      what: {
        en: 'no wire was recorded in a step of that name before this one',
        ko: '이 단계보다 먼저, 그 이름으로 구간을 기록한 단계가 없습니다',
      },
      expected: oneOf(ids),
      received: theft.recorded,
    },
  ];
}

function needs(path: Problem['path'], field: string, because: string): Problem {
  return {
    path,
    what: { en: `${field} is missing`, ko: `${field}: 값이 없습니다` },
    expected: { en: `${field}, because of ${because}`, ko: `${field} (${because}이므로 필요합니다)` },
  };
}

function wireNames(file: ScenarioFile): string[] {
  const names = new Set<string>();
  for (const step of file.steps)
    for (const { wire } of doorsOf(step)) if (wire !== undefined) names.add(wire);
  for (const { wire } of standingWires(file)) names.add(wire);
  for (const { wires } of Object.values(file.proxies ?? {})) names.add(wires.incoming).add(wires.outgoing);
  return [...names];
}

function oneOf(names: readonly string[]): Localized {
  if (names.length === 0) return { en: 'none exists', ko: '하나도 없습니다' };
  return { en: `one of ${names.join(', ')}`, ko: `${names.join(', ')} 가운데 하나` };
}
