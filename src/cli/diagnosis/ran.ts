/** What became of the command that was diagnosed: the line of the JSON output, and its words. */
import { defined } from '../../core/defined.ts';
import type { ChildEnd } from '../../diagnosis/command/child.ts';
import type { Seen } from '../../diagnosis/command/seen.ts';
import type { Heard } from '../../diagnosis/programs/hear.ts';
import type { Program } from '../../diagnosis/programs/program.ts';
import type { Localized } from '../../i18n/language.ts';
import type { LineOf } from '../../ui/json/line.ts';

export interface Ran {
  /** As it was started. */
  readonly words: readonly string[];
  readonly program: Program | undefined;
  readonly ended: ChildEnd;
  readonly heard: Heard | undefined;
  /** Of very many connections the last ones; `count` is how many there were. */
  readonly seen: readonly Seen[];
  readonly count: number;
  readonly milliseconds: number;
}

export function ranLine({ words, program, ended, heard, seen, count, milliseconds }: Ran): LineOf<'ran'> {
  return defined({
    v: 2 as const,
    kind: 'ran' as const,
    command: [...words],
    program: program?.name,
    exitCode: ended.code,
    killedBy: ended.killedBy,
    late: ended.isLate,
    said: heard?.line,
    connections: count,
    failed: seen.filter(({ failed }) => failed).length,
    milliseconds: Math.max(0, Math.round(milliseconds)),
  });
}

export function ranWords({
  exitCode,
  killedBy,
  late,
  connections,
  failed,
  milliseconds,
}: LineOf<'ran'>): Localized {
  const seconds = (milliseconds / 1000).toFixed(1);
  const many = failed > 1;
  // Where it failed although no connection did, the answer says how.
  const isClear = failed > 0 || exitCode === 0;
  return {
    en: [
      late
        ? `did not end in ${seconds} s, and was ended`
        : `${killedBy === undefined ? `exit code ${exitCode ?? ''}` : killedBy} after ${seconds} s`,
      `${connections} ${connections === 1 ? 'connection' : 'connections'}${connections > 0 && isClear ? `, ${failed} failed${many ? ': this is the last of them' : ''}` : ''}`,
    ].join('; '),
    ko: [
      late
        ? `${seconds}초 동안 끝나지 않아 종료시킴`
        : `${killedBy === undefined ? `종료 코드 ${exitCode ?? ''}` : killedBy}, ${seconds}초`,
      `연결 ${connections}개${connections > 0 && isClear ? `, 실패 ${failed}개${many ? '(마지막 것을 진단)' : ''}` : ''}`,
    ].join('; '),
  };
}
