/** Implements `wirelab lab verify`: whether a lab can be solved, and whether wrong attempts are found out. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';
import { placeholder } from '../../labs/checks/wrong-password.ts';
import { scriptsFolder } from '../../labs/folder.ts';
import { findLab } from '../../labs/load.ts';
import type { FoundLab } from '../../labs/load.ts';
import { labProofJson, ProofReport } from '../../ui/text/lab-proof.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';
import { lineWriter } from '../io/outlets.ts';
import { ScriptFolder } from '../io/script-folder.ts';
import { watchEndingSignals } from '../io/signals.ts';
import { labPlaces, readVersion } from '../places.ts';

export const verifyOptions: OptionTable = {
  solution: {
    value: 'DIR',
    help: {
      en: 'verify: the files with which every task is done (default: solution in the lab’s folder)',
      ko: 'verify: 모든 과제를 마치는 파일이 있는 폴더(기본값: 실습을 담은 폴더의 solution)',
    },
  },
  wrong: {
    value: 'DIR',
    many: true,
    help: {
      en: 'verify: the files of an attempt that must leave a task open; may be repeated (default: each folder in wrong)',
      ko: 'verify: 과제가 남아야 하는 틀린 시도의 폴더(기본값: wrong 안의 폴더 모두)',
    },
  },
};

const asked = {
  where: 'wirelab lab verify',
  also: { en: ', or the path of a lab’s folder', ko: ', 또는 실습을 담은 폴더의 경로' },
};

/** @returns 0 if it is proven, 1 if not, or the code of a signal. @throws UserError for a lab or an attempt that cannot be read. */
export async function verify(parsed: Parsed, environment: Environment): Promise<number> {
  const [, nameOrPath] = parsed.operands;
  if (nameOrPath === undefined)
    throw new UserError({
      what: { en: 'missing the path of a lab', ko: '실습 폴더의 경로를 적어 주세요' },
      where: 'wirelab lab verify',
      expected: { en: 'one PATH', ko: '경로 하나' },
      remedy: {
        en: './wirelab lab verify PATH --solution DIR --wrong DIR',
        ko: './wirelab lab verify 경로 --solution 폴더 --wrong 폴더',
      },
    });
  const { places, language, variables, stdout } = environment;
  const found = await findLab(nameOrPath, labPlaces(places), asked);
  const { lab } = found;
  const attempts = attemptsOf(nameOrPath, found, parsed);
  const report = new ProofReport(lab, {
    language,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    columns: Math.max(40, Math.min(100, stdout.columns || 80)),
    write: lineWriter(environment),
  });
  // Folders and keys of an attempt are removed first.
  const ending = watchEndingSignals();
  try {
    const { proveLab } = await import('../../labs/proof/proof.ts');
    const isJson = parsed.flag('json');
    const proof = await proveLab({
      lab,
      ...attempts,
      version: readVersion(places.root),
      signal: ending.signal,
      follow: (folder) => {
        const scripts = new ScriptFolder({
          language,
          placeholder,
          prefix: `${scriptsFolder}/`,
          workingFolder: '..',
          at: join(folder, scriptsFolder),
        });
        return {
          onEvent(event) {
            if (event.kind === 'open') scripts.write(event.ways, event.tasks.join(' '), event.others);
          },
          close: () => scripts.close(),
        };
      },
      ...(isJson ? {} : { onAttempt: (made) => report.attempt(made) }),
    });
    if (ending.exitCode !== undefined) return ending.exitCode;
    if (isJson) stdout.write(`${JSON.stringify(labProofJson(lab, proof))}\n`);
    else report.end(proof);
    return proof.holds ? 0 : 1;
  } catch (error) {
    if (ending.exitCode !== undefined) return ending.exitCode;
    throw error;
  } finally {
    ending.stop();
  }
}

/** The folders that are named, or those beside an author's lab. They are shown as they are named. */
function attemptsOf(
  nameOrPath: string,
  { source }: FoundLab,
  parsed: Parsed,
): { readonly solution: string; readonly wrong: readonly string[] } {
  const solution =
    parsed.text('solution') ?? (source === undefined ? undefined : join(nameOrPath, 'solution'));
  if (solution === undefined || (parsed.text('solution') === undefined && !existsSync(solution)))
    throw new UserError({
      what: { en: 'missing --solution', ko: '--solution 옵션이 없습니다' },
      where: 'wirelab lab verify',
      expected: {
        en: `--solution DIR, or the folder ${solution ?? 'solution'}`,
        ko: `--solution 폴더, 또는 ${solution ?? 'solution'} 폴더`,
      },
    });
  const given = parsed.all('wrong');
  const beside = join(nameOrPath, 'wrong');
  const isAsked = given.length > 0 || source === undefined || !existsSync(beside);
  return {
    solution,
    wrong: isAsked
      ? given
      : readdirSync(beside, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => join(beside, name))
          .toSorted((one, other) => (one < other ? -1 : 1)),
  };
}
