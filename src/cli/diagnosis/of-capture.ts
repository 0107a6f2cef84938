/**
 * Diagnoses a capture: the failed connections in it, from their bytes alone. The most certain one is the answer, the others are
 * named with it; `--stream` picks one.
 */
import { PacketClock } from '../../capture/file/replay.ts';
import { loadCaptureReadings } from '../../analysis/conversation/conversation.ts';
import { defined } from '../../core/defined.ts';
import type { Diagnosis, Finding } from '../../diagnosis/diagnosis.ts';
import { findingOf } from '../../diagnosis/observed.ts';
import { refusedLogin } from '../../diagnosis/refused-login.ts';
import { JsonCapture } from '../../ui/json/json-capture.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { Environment, Parsed } from '../command.ts';
import { keysForHandshakes, readCapture, unusedKeys } from '../inspect/open.ts';
import { problemText } from '../inspect/reading.ts';
import { readRequest } from '../inspect/request.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';

/** A scan has thousands: the rest is counted. */
const mostOthers = 20;

const rank = { proven: 0, likely: 1, unknown: 2 } as const;

export interface CaptureDiagnosis extends Diagnosis {
  readonly connections: number;
  readonly failed: number;
}

export async function diagnoseCapture(parsed: Parsed, environment: Environment): Promise<CaptureDiagnosis> {
  const request = readRequest(parsed, environment, 'why');
  try {
    await loadCaptureReadings();
    const keysFor = await keysForHandshakes(request);
    let connections = 0;
    let failed = 0;
    let findings: Finding[] = [];
    const clock = new PacketClock();
    const capture = new JsonCapture({
      clock,
      keysFor,
      write: () => {},
      onStream(line) {
        connections++;
        if (!line.failed) return;
        failed++;
        findings.push(findingIn(line));
        // The most certain ones stay, of these the first.
        if (findings.length > 2 * mostOthers) findings = best(findings);
      },
    });
    const problems = await readCapture(request, {
      clock,
      append: capture.append,
      wants: capture.wants,
      version: readVersion(environment.places.root),
      keeps: false,
    });
    capture.end();
    const problem = problemText([...problems, ...unusedKeys(request, capture.keys)]);
    if (problem) environment.stderr.write(warningLine(problem, environment.language));
    const [finding, ...others] = best(findings);
    return { ...(finding ? { finding } : {}), others, attempts: [], connections, failed };
  } finally {
    request.input.close();
  }
}

const best = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((one, other) => rank[one.confidence] - rank[other.confidence]).slice(0, mostOthers + 1);

function findingIn(line: LineOf<'stream'>): Finding {
  const { stream, name, outcome } = line;
  const connection = defined({ stream, from: line.client, to: line.server, name });
  const finding =
    line.login === 'refused' && outcome.cause === undefined ? refusedLogin() : findingOf(outcome);
  return { ...finding, connection };
}
