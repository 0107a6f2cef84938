/**
 * The end of a run: its claims with their status, grouped by step, what they do not prove, and the commands for trying the
 * servers that stay up. `engine/verdict.ts` decides which claims hold.
 */
import { defined } from '../../core/defined.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { Finding, Verdict } from '../../engine/verdict.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { statusMarks } from '../../engine/status-marks.ts';
import { routerStatements, routerTitle } from '../wires/router.ts';
import { commandKey, commandTitle, programsOf } from '../scripts.ts';
import { placesOf } from './place.ts';
import { takeawayOf } from '../takeaway.ts';
import type { Scripts, Statement, TypedCommand } from '../types/values.ts';
import type { Claim, VerdictReport } from '../types/verdict.ts';
import { verdictWords } from '../words.ts';

export interface VerdictContext {
  /** Undefined for a step without a title. */
  readonly titleOf: (step: string) => Localized | undefined;
  /** The closing parts of the narration. */
  readonly narration: Readonly<Partial<Record<'does-not-prove' | 'often-told', Localized>>>;
}

export function verdictReport(verdict: Verdict, { titleOf, narration }: VerdictContext): VerdictReport {
  const { findings } = verdict;
  const closing = [
    { title: verdictWords.doesNotProve, text: narration['does-not-prove'] },
    { title: verdictWords.oftenTold, text: narration['often-told'] },
  ];
  return {
    takeaway: takeawayOf(verdict),
    sections: [
      ...[...new Set(findings.map(({ step }) => step))].map((step) => ({
        ...(step === undefined ? {} : { step }),
        title: step === undefined ? verdictWords.wholeRun : (titleOf(step) ?? verbatim(step)),
        statements: findings.filter((one) => one.step === step).map(claimOf),
      })),
      ...(verdict.router ? [{ title: routerTitle, statements: routerStatements(verdict.router) }] : []),
    ],
    closing: closing.flatMap(({ title, text }) => (text ? [{ title, text }] : [])),
  };
}

function claimOf(finding: Finding): Claim {
  return {
    ...findingStatement(finding),
    expectation: finding.expectation,
    evidence: placesOf(finding.evidence),
  };
}

/** A claim; one that does not hold names its status and expectation. */
export function findingStatement({ expectation, status, says }: Finding): Statement {
  return {
    mark: statusMarks[status],
    tone: status === 'met' ? 'plain' : 'warning',
    text: inEach((language) =>
      status === 'met'
        ? says[language]
        : `${says[language]} [${verdictWords[status][language]}: ${expectation}]`,
    ),
  };
}

/** The manual commands, wire by wire. */
export function commandsFor(ways: readonly ManualCommand[], scripts?: Scripts): TypedCommand[] {
  return ways.flatMap((way) =>
    programsOf(way).map(([program, line], index) =>
      defined({ title: commandTitle(way, index), line, typed: scripts?.typed.get(commandKey(way, program)) }),
    ),
  );
}
