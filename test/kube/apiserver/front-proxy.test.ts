/** A front proxy speaks for others, over real connections; the same words of anybody else are nobody's. */
import type { ExecutionContext } from 'ava';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { startKubectl, world } from '../support/control-plane.ts';
import type { Kubectl } from '../support/control-plane.ts';

interface Said {
  readonly status: number;
  readonly text: string;
}

async function start(t: ExecutionContext): Promise<{
  readonly kubectl: Kubectl;
  readonly curl: (who: string, ...headers: readonly string[]) => Promise<Said>;
}> {
  const kubectl = await startKubectl(t, { signs: false });
  kubectl.write('ca.crt', world.authority('ca'));
  return {
    kubectl,
    async curl(who, ...headers) {
      const { certificate, key } = world.identity(who);
      kubectl.write(`${who}.crt`, certificate);
      kubectl.write(`${who}.key`, key);
      const review = '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}';
      const words = [
        '--silent',
        '--cacert',
        'ca.crt',
        '--cert',
        `${who}.crt`,
        '--key',
        `${who}.key`,
        '--write-out',
        '\n%{http_code}',
        '--header',
        'Content-Type: application/json',
        '--data',
        review,
      ];
      const { stdout } = await runProgram(
        'curl',
        [
          ...words,
          ...headers.flatMap((header) => ['--header', header]),
          `${kubectl.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
        ],
        { cwd: kubectl.folder },
      );
      const end = stdout.lastIndexOf('\n');
      return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
    },
  };
}

const alice = ['X-Remote-User: alice', 'X-Remote-Group: dev', 'X-Remote-Extra-Reason: review'];
const userIn = ({ text }: Said): unknown =>
  (JSON.parse(text) as { readonly status: { readonly userInfo: unknown } }).status.userInfo;

withPeer(
  ['curl'],
  'a front proxy’s certificate makes its headers count, and nothing else does',
  async (t) => {
    const { kubectl, curl } = await start(t);
    const asProxy = await curl('front-proxy-client', ...alice);
    t.is(asProxy.status, 201);
    t.deepEqual(userIn(asProxy), {
      username: 'alice',
      groups: ['dev', 'system:authenticated'],
      extra: { reason: ['review'] },
    });
    const asBob = await curl('bob', ...alice);
    t.like(userIn(asBob), { username: 'bob', groups: ['dev', 'system:authenticated'] });
    const silent = await curl('front-proxy-client');
    t.is(silent.status, 401);
    t.deepEqual(
      kubectl.answers.map(({ user, code, rejected }) => [user?.name, code, rejected?.reason]),
      [
        ['alice', 201, undefined],
        ['bob', 201, undefined],
        [undefined, 401, 'unknown_ca'],
      ],
    );
  },
);
