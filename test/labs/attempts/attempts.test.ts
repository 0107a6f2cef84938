/** That the tables of attempts are whole: every task of every lab has wrong solutions enough, and right ones by more than one way. */
import test from 'ava';
import { labNames, loadLab } from '../../../src/labs/load.ts';
import { runProgram } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { compiledLabs, Learner } from '../support/learner.ts';
import { aUserForTheCluster } from './a-user-for-the-cluster.ts';
import { aNewCa } from './a-new-ca.ts';
import { beACa } from './be-a-ca.ts';
import { catchTheFakeSite } from './catch-the-fake-site.ts';
import { findThePassword } from './find-the-password.ts';
import { mendFive } from './mend-five.ts';
import { mutualTls } from './mutual-tls.ts';
import { recordNow } from './record-now.ts';
import { revoke } from './revoke.ts';
import { theClusterThatExpired } from './the-cluster-that-expired.ts';
import { theWebhookNobodyTrusts } from './the-webhook-nobody-trusts.ts';
import { tlsInFront } from './tls-in-front.ts';

const tables = [
  findThePassword,
  tlsInFront,
  recordNow,
  beACa,
  catchTheFakeSite,
  mutualTls,
  revoke,
  mendFive,
  aUserForTheCluster,
  theClusterThatExpired,
  aNewCa,
  theWebhookNobodyTrusts,
];

test('every lab has a table of attempts, and every task of it a part of that table', (t) => {
  t.deepEqual(tables.map(({ lab }) => lab).toSorted(), labNames(compiledLabs).toSorted());
  for (const { lab, tasks } of tables)
    t.deepEqual(
      Object.keys(tasks),
      loadLab(lab, compiledLabs).tasks.tasks.map(({ id }) => id),
      lab,
    );
});

test('every task has five wrong solutions and two right ones, and more; of the wrong ones one forges what the folder holds', (t) => {
  const counts = tables.flatMap(({ lab, tasks }) =>
    Object.entries(tasks).map(([task, { wrong, right }]) => ({
      task: `${lab} ${task}`,
      wrong: Object.keys(wrong),
      right: Object.keys(right),
    })),
  );
  for (const { task, wrong, right } of counts) {
    t.true(wrong.length >= 5, `${task}: ${wrong.length} wrong`);
    t.true(right.length >= 2, `${task}: ${right.length} right`);
    t.true(
      wrong.some((title) => title.startsWith('records that say')),
      task,
    );
  }
  t.log(
    counts
      .map(({ task, wrong, right }) => `${task}: ${wrong.length} wrong, ${right.length} right`)
      .join('\n'),
  );
});

for (const { lab } of tables) {
  const asking = loadLab(lab, compiledLabs).tasks.tasks.filter(
    ({ steps, ownClient }) => steps === undefined && ownClient === undefined,
  );
  if (asking.length === 0) continue;
  test(`${lab}: where it is not up, every task that asks it says so, with the command that starts it for this very folder`, async (t) => {
    const { folder } = await Learner.begin(t, lab);
    const { exitCode, stdout } = await askWirelab(['lab', 'check', '--json', '--folder', folder]);
    t.is(exitCode, 1);
    const { tasks } = JSON.parse(stdout) as {
      readonly tasks: readonly {
        readonly id: string;
        readonly reason?: string;
        readonly remedy?: { readonly en: string; readonly ko: string };
        readonly command?: string;
      }[];
    };
    for (const { id } of asking) {
      const { reason, remedy, command = '' } = tasks.find((task) => task.id === id) ?? {};
      t.is(reason, 'not_up', id);
      t.regex(remedy?.en ?? '', /not running. Start it/, id);
      t.regex(remedy?.ko ?? '', /실행되고 있지 않습니다/, id);
      // As a shell takes it apart.
      const words = (await runProgram('sh', ['-c', `printf '%s\\n' ${command}`])).stdout.trim().split('\n');
      t.deepEqual(words.slice(1), ['lab', lab, '--folder', folder], id);
    }
    const human = (await askWirelab(['lab', 'check', '--all', '--folder', folder])).stdout;
    const { command } = tasks.find(({ id }) => id === asking[0]?.id) ?? {};
    t.true(human.includes(`    ${command ?? '?'}\n`), human);
  });
}
