/** A folder for state that cannot be used is reported in one sentence, and nothing waits for it. */
import test from 'ava';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readState, stateProblem, writeState } from '../../../src/cli/io/state-file.ts';
import { pathsFor, runningShows } from '../../../src/cli/notes/shows.ts';
import { giveId, idOf, stateFolder, stateOf } from '../../../src/labs/state.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-state-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'file'), '');

const places = [
  join(folder, 'file'),
  join(folder, 'file', 'deep'),
  ...(process.platform === 'linux' ? ['/proc/wirelab/x'] : []),
];
for (const place of places)
  for (const name of ['WIRELAB_STATE', 'XDG_STATE_HOME'] as const)
    test(`${name}=${place.replace(folder, '…')}: one sentence, and the program goes on`, async (t) => {
      const variables = { [name]: place, TMPDIR: folder };
      t.regex(
        stateProblem(variables)?.en ?? '',
        new RegExp(`^nothing is remembered.*${name}=${place} .*\\((?:ENOENT|ENOTDIR)\\)$`),
      );
      t.regex(stateProblem(variables)?.ko ?? '', /[가-힣]/);
      t.notThrows(() => writeState(join(place, 'seen.json'), { seen: [] }));
      t.deepEqual(readState(join(place, 'seen.json')), {});
      t.true([...pathsFor('tls', variables)].every((path) => path.startsWith(folder)));
      t.deepEqual(await runningShows(variables), []);
    });

test('a folder that can be made is no problem, and neither is none that was named', (t) => {
  t.is(stateProblem({ WIRELAB_STATE: join(folder, 'a/b') }), undefined);
  t.is(stateProblem({}), undefined);
});

test.serial('the state of labs is in the same place', (t) => {
  const learner = mkdtempSync(join(folder, 'learner-'));
  t.teardown(() => delete process.env['WIRELAB_STATE']);
  process.env['WIRELAB_STATE'] = join(folder, 'own');
  mkdirSync(join(learner, stateFolder));
  giveId(learner);
  t.is(stateOf(learner), join(folder, 'own', 'labs', idOf(learner) ?? ''));
});
