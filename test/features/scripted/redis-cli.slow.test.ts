/** The real redis-cli logs in at the servers of examples/cache: in clear, over TLS, and with a certificate over mutual TLS. */
import test from 'ava';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { compiled, perform, removeWorldFolder, worldOf } from '../../engine/support/demonstration.ts';

test.after.always(removeWorldFolder);

withPeer(
  ['redis-cli', 'script'],
  'redis-cli logs in and reads, in clear, over TLS and over mutual TLS',
  async (t) => {
    const scenario = await compiled('cache', 'examples');
    const world = await worldOf(scenario);
    const file = (name: string): { readonly certificate: string; readonly key: string } => {
      const files = world?.files(name);
      if (!files) throw new Error(`no files of ${name}`);
      return files;
    };
    await perform(scenario, {
      async meanwhile({ addresses }) {
        const login = ['-h', '127.0.0.1', '--user', 'shop', '--no-auth-warning'];
        const ask = async (server: string, password: string, ...more: readonly string[]): Promise<string> => {
          const port = String(addresses.get(server)?.port);
          const { stdout, stderr } = await runProgram('redis-cli', [
            ...login,
            '-p',
            port,
            '--pass',
            password,
            ...more,
            'GET',
            'customer:1',
          ]);
          return `${stdout}${stderr}`;
        };
        const tls = ['--tls', '--cacert', file('cache-ca').certificate];
        const own = ['--cert', file('web').certificate, '--key', file('web').key];
        t.is(await ask('cache', 'tiger-lily'), '900101-1234567\n');
        t.regex(await ask('cache', 'wrong'), /WRONGPASS invalid username-password pair/);
        t.is(await ask('sealed-cache', 'tiger-lily', ...tls), '900101-1234567\n');
        t.is(await ask('mutual-cache', 'tiger-lily', ...tls, ...own), '900101-1234567\n');
        t.notRegex(await ask('mutual-cache', 'tiger-lily', ...tls), /900101/);
        // At its prompt it asks first what commands there are.
        const { stdout } = await runProgram(
          'script',
          [
            '-qec',
            `TERM=dumb redis-cli -p ${addresses.get('cache')?.port} --user shop --pass tiger-lily --no-auth-warning`,
            '/dev/null',
          ],
          { input: 'GET customer:1\nexit\n' },
        );
        t.regex(stdout, /900101-1234567/);
      },
    });
  },
);
