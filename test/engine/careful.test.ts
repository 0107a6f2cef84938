/** The commands of a client that looks servers up on a list do the same by hand, in every program. */
import test from 'ava';
import type { ProgramCommands } from '../../src/engine/extensions.ts';
import { loginByPrograms } from '../../src/features/login/by-hand.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { compiled, perform, removeWorldFolder, worldOf } from './support/demonstration.ts';

test.after.always(removeWorldFolder);

withPeer(
  ['curl', 'openssl', 'gnutls-cli'],
  'private-key: by hand too, only the careful client itself refuses',
  async (t) => {
    const scenario = await compiled('private-key');
    const world = await worldOf(scenario);
    await perform(scenario, {
      async meanwhile({ plan, addresses }) {
        const commandsOf = (id: string): ProgramCommands => {
          const step = plan.steps.find((one) => one.id === id);
          const commands = step && loginByPrograms(step, { plan, addresses, world });
          if (!commands) throw new Error(`no commands for ${id}`);
          return commands;
        };
        for (const [id, isRevoked] of [
          ['revoked', true],
          ['renewed', false],
          ['impostor', false],
        ] as const) {
          const { curl, openssl, gnutls, request } = commandsOf(id);
          const said = [
            await runProgram('curl', ['--disable', '--noproxy', '*', '--max-time', '10', ...curl]),
            await runProgram('openssl', openssl, { input: request }),
            await runProgram('gnutls-cli', gnutls, { input: request }),
          ];
          for (const { exitCode, stdout, stderr } of said) {
            t.is(exitCode !== 0, isRevoked, `${id}: ${stderr}${stdout}`);
            t.is(/revoked/i.test(stdout + stderr), isRevoked, `${id}: ${stderr}`);
          }
        }
      },
    });
  },
);
