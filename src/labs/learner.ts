/**
 * Builds the scenario of a lab from the learner's settings: the settings and the lab's own part are read as one file, every name
 * is resolved, and it is reduced to the steps of one task.
 *
 * 1. A learner may change the settings, and nothing else: clients, steps and expectations are in the lab's part.
 * 2. A name of a certificate that the lab does not make means NAME.crt and NAME.key in the learner's folder.
 * 3. What the lab keeps for itself cannot be named in the settings: a certificate that the folder is not given.
 * 4. Clients ask for the names that the lab begins with, unless tasks.yaml leaves them to the learner (`hosts`).
 */
import type { Dictionary } from '../core/dictionary.ts';
import { defined } from '../core/defined.ts';
import * as yaml from 'yaml';
import { nearest } from '../i18n/nearest.ts';
import { josa } from '../i18n/josa.ts';
import { UserError } from '../i18n/user-error.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import { planWorld } from '../pki/ca/recipe.ts';
import { features } from '../features/registry.ts';
import { hostOf, planScenario } from '../engine/planning.ts';
import { throwErrors } from '../engine/file/narration.ts';
import type { Plan } from '../engine/plan.ts';
import { parseScenario, readYaml } from '../engine/file/parse.ts';
import type { CompiledScenario, ScenarioFile, StepFile } from '../engine/scenario.ts';
import { settingsFile } from './lab.ts';
import type { CompiledLab, TaskFile } from './lab.ts';

/**
 * @param settings the text of the learner's settings; undefined if the lab has none.
 * @param names the names of the two files in error messages; for a learner, who does not have the lab's own, when left out.
 * @throws UserError that names the learner's lines.
 */
export async function learnersScenario(
  lab: CompiledLab,
  settings: string | undefined,
  names?: { readonly settings: string; readonly own: string },
): Promise<CompiledScenario> {
  const { settings: settingsName, own } = names ?? {
    settings: settingsFile,
    own: `${lab.name}/scenario.yaml`,
  };
  const ownPart = { file: own, text: lab.scenario, isUnseen: names === undefined };
  const parts =
    lab.tasks.settings === undefined
      ? ownPart
      : {
          file: settingsName,
          text: checkedSettings(settings ?? '', lab.tasks.settings, settingsName),
          rest: ownPart,
        };
  const file = await parseScenario(features, {
    ...parts,
    async recipeNames() {
      const { certificates, revocations } = planWorld(
        lab.certificates?.recipe ?? { certificates: {} },
        lab.name,
      );
      const made = certificates.map(({ name }) => name);
      const theirs = [...Object.keys(lab.tasks.yours ?? {}), ...namesIn(settings)];
      return {
        identities: [...made, ...theirs],
        authorities: [...certificates.filter(({ isCa }) => isCa).map(({ name }) => name), ...theirs],
        revocations: [...revocations.map(({ authority }) => authority), ...theirs],
      };
    },
  });
  if (settings !== undefined && lab.tasks.settings !== undefined)
    throwErrors([
      ...keptNames(lab, settings, settingsName),
      ...(await otherQuestions(lab, file, settings, { settings: settingsName, own })),
    ]);
  const withoutText = { title: lab.name, intro: '', steps: {}, doesNotProve: '' };
  return {
    v: 1,
    name: lab.name,
    file: { ...file, clients: asStrictAsCurl(file.clients) },
    narration: { en: withoutText, ko: withoutText },
    ...defined({ certificates: lab.certificates }),
  };
}

/** OpenSSL’s, at which Debian and others build curl: RSA and DH from 2048 bits on, curves from 224. Node’s own may be lower. */
export const usualSecurityLevel = 2;

/** What a learner’s curl refuses is refused by the clients of a lab as well, unless it sets a level itself. */
function asStrictAsCurl(clients: ScenarioFile['clients']): ScenarioFile['clients'] {
  return Object.fromEntries(
    Object.entries(clients).map(([name, client]) => [name, { securityLevel: usualSecurityLevel, ...client }]),
  );
}

/** The scenario with the learner's settings; or their error, and the scenario as far as it works without them. */
export interface LearnersScenario {
  readonly compiled: CompiledScenario;
  readonly mistake?: UserError;
}

/** @param settingsOf reads the settings. Errors of the learner are returned, not thrown. */
export async function scenarioWith(
  lab: CompiledLab,
  settingsOf: () => string | undefined,
): Promise<LearnersScenario> {
  try {
    return { compiled: await learnersScenario(lab, settingsOf()) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { compiled: await learnersScenario(lab, lab.start[settingsFile]), mistake: error };
  }
}

/** Whether a participant of these steps is defined in the settings: an error there does not affect other steps. */
export function needsSettings(
  compiled: CompiledScenario,
  { tasks }: CompiledLab,
  steps: readonly string[],
): boolean {
  const { file } = cutTo(compiled, steps);
  return (tasks.settings ?? []).some((part) => Object.keys(file[part] ?? {}).length > 0);
}

/** Without YAML document markers, which would end the file before the lab's part. */
function withoutMarks(text: string): string {
  return text.replaceAll(/^(?:---|\.\.\.)[ \t]*\r?$/gm, '');
}

/** The settings, if they are a map of the allowed keys. @throws UserError */
function checkedSettings(text: string, allowed: readonly string[], file: string): string {
  const whole = withoutMarks(text);
  const { content, place } = readYaml({ file, text: whole }, yaml);
  const isMap = typeof content === 'object' && content !== null && !Array.isArray(content);
  const foreign = isMap ? Object.keys(content).filter((key) => !allowed.includes(key)) : [];
  if (isMap && foreign.length === 0 && !whole.trimStart().startsWith('{')) return whole;
  const [first] = foreign;
  const near = first === undefined ? undefined : nearest(first, allowed);
  throw new UserError({
    what:
      first === undefined
        ? {
            en: 'the settings are not a map in YAML’s block form',
            ko: '설정이 YAML의 블록 형식 맵이 아닙니다',
          }
        : { en: 'this cannot be set by the learner', ko: '여기서 정할 수 없는 항목입니다' },
    where: first === undefined ? `${file}:1:1` : place.of([first]),
    expected: {
      en: allowed.map((key) => `${key}:`).join(', '),
      ko: allowed.map((key) => `${key}:`).join(', '),
    },
    received: isMap ? foreign.join(', ') || whole.trimStart().slice(0, 40) : JSON.stringify(content ?? ''),
    remedy: {
      en: `${near === undefined ? '' : `Did you mean ${near}? `}wirelab lab reset restores the initial files, and keeps your files aside.`,
      ko: `${near === undefined ? '' : `${near}: 이것을 쓰려던 것인가요? `}wirelab lab reset을 실행하면 처음 파일로 되돌리고, 지금 파일은 따로 보관합니다.`,
    },
  });
}

const nameFields: ReadonlySet<string> = new Set([
  'certificate',
  'chain',
  'clientAuthorities',
  'revocations',
  'trust',
  'pin',
]);
/** A valid base name of files: no path, nothing hidden. */
const fileBase = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A name in the settings has none: it means more than one file. */
const fileEnding = /\.(?:crt|key|pem|crl)$/;

/** The names of certificates, valid or not: whether there are such files is checked when they are used. */
function namesIn(settings: string | undefined): string[] {
  if (settings === undefined) return [];
  const { content } = readYaml({ file: settingsFile, text: withoutMarks(settings) }, yaml);
  return [...new Set(certificatesNamed(content).map(({ name }) => name.replace(fileEnding, '')))];
}

interface NamedCertificate {
  readonly name: string;
  readonly path: readonly (string | number)[];
  /** It is presented, which needs its key. */
  readonly isShown: boolean;
}

/** Where settings name a certificate. */
function certificatesNamed(content: unknown): NamedCertificate[] {
  const named: NamedCertificate[] = [];
  const walk = (value: unknown, field: string | undefined, path: readonly (string | number)[]): void => {
    if (typeof value === 'string' && field !== undefined && nameFields.has(field) && fileBase.test(value))
      named.push({ name: value, path, isShown: field === 'certificate' });
    if (Array.isArray(value)) for (const [index, one] of value.entries()) walk(one, field, [...path, index]);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, key, [...path, key]);
  };
  walk(content, undefined, []);
  return named;
}

/** The lab's certificates that the settings name, and the folder is not given. */
function keptNames({ tasks, certificates }: CompiledLab, settings: string, file: string): UserErrorFacts[] {
  const { content, place } = readYaml({ file, text: withoutMarks(settings) }, yaml);
  const made = planWorld(certificates?.recipe ?? { certificates: {} }).certificates.map(({ name }) => name);
  const given = new Set(Object.values(tasks.gives ?? {}));
  const yours = Object.keys(tasks.yours ?? {});
  const isOpen = (row: string, isShown: boolean): boolean =>
    yours.includes(row) ||
    (isShown ? ['key'] : ['crt', 'chain.crt', 'crl']).some((part) => given.has(`${row}.${part}`));
  return certificatesNamed(content)
    .filter(({ name, isShown }) => made.includes(name) && !isOpen(name, isShown))
    .map(({ name, path, isShown }) => {
      const usable = [...new Set([...yours, ...made.filter((row) => isOpen(row, isShown))])].join(', ');
      return {
        what: isShown
          ? {
              en: 'the lab keeps the key of this certificate to itself: it is not in the learner’s folder',
              ko: '이 인증서의 키는 실습이 따로 보관합니다. 실습 폴더에는 없습니다',
            }
          : {
              en: 'the lab keeps this certificate to itself: it is not in the learner’s folder',
              ko: '이 인증서는 실습이 따로 보관합니다. 실습 폴더에는 없습니다',
            },
        where: place.of(path),
        expected: {
          en: `${usable === '' ? '' : `one of ${usable}, or `}a file of your own, under another name`,
          ko: `${usable === '' ? '' : `${usable} 가운데 하나, 또는 `}다른 이름으로 직접 만든 파일`,
        },
        received: name,
      };
    });
}

/** Participants at which clients would ask for another name than the lab begins with. */
async function otherQuestions(
  lab: CompiledLab,
  file: ScenarioFile,
  settings: string,
  names: { readonly settings: string; readonly own: string },
): Promise<UserErrorFacts[]> {
  const start = lab.start[settingsFile];
  const { settings: parts = [], hosts = [] } = lab.tasks;
  if (start === undefined || start === settings) return [];
  const { place, content } = readYaml({ file: names.settings, text: withoutMarks(settings) }, yaml);
  const begun = (await learnersScenario(lab, start, names)).file;
  const asked = new Set(file.steps.flatMap((step) => features.entryPointsOf(step)).map(({ to }) => to));
  return [...asked].flatMap((name): UserErrorFacts[] => {
    const [before, now] = [hostOf(name, begun), hostOf(name, file)];
    const part = parts.find((one) => file[one]?.[name] !== undefined);
    if (part === undefined || before === now || hosts.includes(name)) return [];
    const own = (content as Readonly<Record<string, Readonly<Record<string, object>>>>)[part]?.[name] ?? {};
    const field = ['host', 'target'].find((one) => one in own);
    return [
      {
        what: {
          en: `clients ask for ${before} at ${name}, and the settings change the question`,
          ko: `클라이언트는 ${name}에서 ${josa(before, '을/를')} 찾는데, 설정이 그 이름을 바꿉니다`,
        },
        where: place.of([part, name, ...(field === undefined ? [] : [field])]),
        expected: {
          en: `the name ${before}, as at the beginning`,
          ko: `처음과 같은 이름: ${before}`,
        },
        received: now,
      },
    ];
  });
}

/** The names of certificates that a scenario uses: those presented with their keys, and those trusted. */
export interface UsedNames {
  readonly shown: ReadonlySet<string>;
  readonly trusted: ReadonlySet<string>;
  /** Those whose revocation list is checked. */
  readonly listed?: ReadonlySet<string>;
  /** Those of `shown` that a client presents. */
  readonly byClients?: ReadonlySet<string>;
}

export function usedNames({ servers, proxies = {}, clients }: ScenarioFile): UsedNames {
  const shown = new Set<string>();
  const trusted = new Set<string>();
  const listed = new Set<string>();
  const byClients = new Set<string>();
  const add = (into: Set<string>, ...names: readonly (string | readonly string[] | undefined)[]): void => {
    for (const name of names.flat()) if (name !== undefined) into.add(name);
  };
  for (const { certificate, chain, clientAuthorities, revocations } of Object.values(servers)) {
    add(shown, certificate);
    add(trusted, chain, clientAuthorities, revocations);
    add(listed, revocations);
  }
  for (const { certificate, clientAuthorities, revocations, towardsTarget } of Object.values(proxies)) {
    add(shown, certificate, towardsTarget?.certificate);
    add(trusted, clientAuthorities, revocations, towardsTarget?.trust);
    add(listed, revocations);
  }
  for (const { certificate, trust, revocations, pin } of Object.values(clients)) {
    add(shown, certificate);
    add(byClients, certificate);
    add(trusted, trust, revocations, pin);
    add(listed, revocations);
  }
  return { shown, trusted, listed, byClients };
}

/** The rows that expectations compare with the wire: a check needs them, a listener does not. */
export function judgedNames({ steps }: ScenarioFile): readonly string[] {
  return steps.flatMap(({ expect = [] }) =>
    expect.flatMap((expectation) => features.rowsCompared(expectation)),
  );
}

/** The steps that a task carries out, with a client of the scenario or with the learner's own. */
export function stepsOf({ steps = [], ownClient }: Pick<TaskFile, 'steps' | 'ownClient'>): readonly string[] {
  if (!ownClient) return steps;
  const { admitted, kept = [], relayed = [] } = ownClient;
  return [...new Set([...admitted, ...kept, ...relayed.flatMap(({ first, next }) => [first, next])])];
}

/** The servers that a step names in a field of its own kind, such as the one that a client means. */
function serversNamed({ expect: _expect, ...step }: StepFile): string[] {
  const names: string[] = [];
  const walk = (value: unknown, field: string | undefined): void => {
    if (typeof value === 'string' && field !== undefined && features.isServerField(field)) names.push(value);
    else if (Array.isArray(value)) for (const one of value) walk(one, field);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, key);
  };
  walk(step, undefined);
  return names;
}

/** The scenario with only these steps and their participants. */
export function cutTo(
  compiled: CompiledScenario,
  ids: readonly string[],
  alsoServers: readonly string[] = [],
): CompiledScenario {
  const { file } = compiled;
  const steps = file.steps.filter(({ id }) => ids.includes(id));
  const needed = new Set([...alsoServers, ...steps.flatMap(serversNamed)]);
  for (const { to } of steps.flatMap((step) => features.entryPointsOf(step))) {
    for (
      let at: string | undefined = to;
      at !== undefined && !needed.has(at);
      at = file.proxies?.[at]?.target
    )
      needed.add(at);
  }
  const kept = <Value>(table: Dictionary<Value> = {}): Record<string, Value> =>
    Object.fromEntries(Object.entries(table).filter(([name]) => needed.has(name)));
  const clients = new Set(
    steps.flatMap((step) =>
      features
        .step(step)
        .parts(file)
        .map(({ client }) => client),
    ),
  );
  return {
    ...compiled,
    file: {
      ...file,
      steps,
      servers: kept(file.servers),
      proxies: kept(file.proxies),
      clients: Object.fromEntries(Object.entries(file.clients).filter(([name]) => clients.has(name))),
    },
  };
}

export function planCut(
  compiled: CompiledScenario,
  ids: readonly string[],
  alsoServers?: readonly string[],
): Plan {
  return planScenario(features, cutTo(compiled, ids, alsoServers));
}
