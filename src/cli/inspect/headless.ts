/** A capture file as lines or as JSON. What could not be read is told at its place, and on standard error. */
import { SecretHunt } from '../../analysis/secret-hunt.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { lineWriter } from '../outlets.ts';
import { readVersion } from '../places.ts';
import { openCapture, problemText } from './open.ts';
import type { InspectRequest } from './request.ts';

export async function inspectHeadless(request: InspectRequest, parsed: Parsed, environment: Environment): Promise<number> {
  const { language, variables, stderr } = environment;
  const { events, flows, frameOf, problems } = await openCapture(request, readVersion(environment.places.root));
  const write = lineWriter(environment);
  const common = { flows, hunt: new SecretHunt([]), secrets: new Map<string, string>(), write };
  if (parsed.flag('json')) {
    const [{ JsonReport }, { loadReadings }] = await Promise.all([import('../../report/json.ts'), import('../../analysis/conversation.ts')]);
    await loadReadings();
    for (const { what, offset, found } of problems) write(JSON.stringify({ v: 1, kind: 'problem', what, ...(offset === undefined ? {} : { offset }), found }));
    new JsonReport({ ...common, withSecrets: false, opens: true, events: false, frameOf }).end();
  } else {
    const { TextReport, loadTls } = await import('../../report/text.ts');
    await loadTls();
    const report = new TextReport({ ...common, language, columns: 100, ascii: parsed.flag('ascii') || wantsAscii(variables) });
    for (const event of events) if (event.type === 'began') report.fold(event);
    report.tellAll();
  }
  const problem = problemText(problems);
  if (problem) stderr.write(`wirelab: ${problem[language]}\n`);
  return 0;
}
