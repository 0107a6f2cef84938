/**
 * The files that a lab gave its learner: which of them are gone or altered, and what a reset of one task puts back of them.
 *
 * 1. A certificate, a list, a key or a request is as it was given where it says the same, however it is written.
 * 2. Another file that comes with a lab may be there to be worked in: altered, it is put back only with a task that names it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { josa } from '../i18n/josa.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import type { World } from '../pki/keystore/world.ts';
import { readContents } from '../pki/x509/contents.ts';
import type { Content } from '../pki/x509/contents.ts';
import type { CheckOptions, TaskResult } from './checks/checking.ts';
import { startFiles } from './folder.ts';
import { isUnasked, settingsFile } from './lab.ts';
import type { CompiledLab } from './lab.ts';

export type GivenState = 'as_given' | 'altered' | 'missing';

/** @param text as it was given */
export function stateOfGiven(folder: string, name: string, text: string): GivenState {
  let present: Uint8Array;
  try {
    present = readFileSync(join(folder, name));
  } catch {
    return 'missing';
  }
  const given = Buffer.from(text);
  if (given.equals(present)) return 'as_given';
  const [one, other] = [contentsOf(given), contentsOf(present)];
  return one !== undefined && one === other ? 'as_given' : 'altered';
}

/** What certificates, keys and requests say, without how they are written; undefined where a file is none of them. */
function contentsOf(bytes: Uint8Array): string | undefined {
  try {
    return readContents(bytes, '').map(identityOf).join('\n');
  } catch {
    return undefined;
  }
}

function identityOf(content: Content): string {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  switch (content.kind) {
    case 'certificate':
      return hex(content.certificate.der);
    case 'request':
      // A signature may be another one each time that it is made.
      return hex(content.request.info);
    case 'revocation-list':
      return hex(content.list.der);
    case 'private-key':
      return content.key.export({ type: 'pkcs8', format: 'pem' }).toString();
    case 'public-key':
      return hex(content.publicKey.der);
  }
}

/** The files that the learner is to use, and not to change. */
export function keptNames({
  gives = {},
  requests = {},
  yours = {},
  lists = {},
}: CompiledLab['tasks']): string[] {
  const own = new Set([
    ...Object.values(lists),
    ...Object.entries(yours).flatMap(([row, { certificate = `${row}.crt`, key = `${row}.key` }]) => [
      certificate,
      key,
    ]),
  ]);
  return [...Object.keys(gives), ...Object.keys(requests)].filter((name) => !own.has(name));
}

/**
 * What was given and is put back with a task, besides the task's own files.
 * @param own the task's files.
 * @param others those of all tasks: what is missing of another task's is not put back, it may have been moved on purpose.
 */
export function givenBack(
  id: string,
  { tasks, narration }: CompiledLab,
  folder: string,
  start: ReadonlyMap<string, string>,
  own: ReadonlySet<string>,
  others: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const kept = new Set(keptNames(tasks));
  const { text = '', hints = [] } = narration.en.tasks[id] ?? {};
  const isNamed = (name: string): boolean => [text, ...hints].some((one) => one.includes(name));
  return new Map(
    [...start].filter(([name, content]) => {
      if (name === settingsFile) return false;
      const isOwn = own.has(name);
      if (others.has(name) && !isOwn) return false;
      const state = stateOfGiven(folder, name, content);
      if (state === 'as_given') return false;
      return state === 'missing' || (!isOwn && (kept.has(name) || isNamed(name)));
    }),
  );
}

const missing = (name: string): Localized => ({
  en: `${name} is missing; the lab gave it`,
  ko: `실습이 처음에 준 ${name} 파일이 없습니다`,
});

const bringsBack = (id: string): Localized => ({
  en: `wirelab lab reset ${id} brings it back, and keeps your files aside.`,
  ko: `wirelab lab reset ${id} 명령으로 되살립니다. 지금 파일은 따로 보관합니다.`,
});

/** The mistake of a missing file, where that file was given. @param names of the files that were given */
export function missingGiven(facts: UserErrorFacts, names: ReadonlySet<string>, id: string): UserErrorFacts {
  const { where } = facts;
  if (where === undefined || !names.has(where)) return facts;
  return { what: missing(where), where, remedy: bringsBack(id) };
}

/** An open task, with what has become of the files that were given for it. */
export function withGiven(
  result: TaskResult,
  { lab, folder, world }: Pick<CheckOptions, 'lab' | 'folder'> & { readonly world: World },
): TaskResult {
  const { status, reason, mistake, id } = result;
  if (status === 'done' || isUnasked(reason)) return result;
  const start = startFiles(lab, world);
  if (reason === 'missing_file' && mistake) {
    const facts = missingGiven(mistake, new Set(start.keys()), id);
    if (facts !== mistake) return { ...result, says: facts.what, mistake: facts };
  }
  const { requests = {}, yours = {} } = lab.tasks;
  const odd = keptNames(lab.tasks).flatMap((name) => {
    const state = stateOfGiven(folder, name, start.get(name) ?? '');
    return state === 'as_given' ? [] : [{ name, what: state === 'missing' ? missing(name) : altered(name) }];
  });
  if (odd.length === 0) return result;
  const back = bringsBack(id);
  if (reason === 'key_mismatch') {
    const rows = Object.entries(yours).flatMap(([row, { certificate = `${row}.crt`, keyOf }]) =>
      certificate === mistake?.where && keyOf !== undefined ? [keyOf] : [],
    );
    const culprit = odd.find(({ name }) => rows.includes(requests[name]?.row ?? ''));
    if (culprit) {
      const facts = { what: culprit.what, where: culprit.name, remedy: back };
      return { ...result, says: facts.what, mistake: facts };
    }
  }
  if (result.remedy) return result;
  return {
    ...result,
    remedy: inEach(
      (language) =>
        `${odd.map(({ what }) => what[language]).join(language === 'en' ? '; ' : ', ')}. ${back[language]}`,
    ),
  };

  function altered(name: string): Localized {
    return Object.hasOwn(requests, name)
      ? {
          en: `${name} is not the request that the lab gave`,
          ko: `${josa(name, '은/는')} 실습이 준 요청이 아닙니다`,
        }
      : {
          en: `${name} is not the file that the lab gave`,
          ko: `${josa(name, '은/는')} 실습이 준 파일이 아닙니다`,
        };
  }
}
