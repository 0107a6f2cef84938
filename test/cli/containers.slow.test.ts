/**
 * The image, for real: built by podman from this machine's own node, and run. Everything in one file, since the image takes
 * half a minute to build.
 */
import anyTest from 'ava';
import type { ExecutionContext } from 'ava';
import { podmanOf, podmanPeers } from '../helpers/podman.ts';
import type { Podman } from '../helpers/podman.ts';
import { withPeer } from '../helpers/peer.ts';

const withPodman = (title: string, run: (t: ExecutionContext) => Promise<void>): void =>
  withPeer([...podmanPeers], title, run);

let known: { readonly podman: Podman; readonly image: Promise<string> } | undefined;

async function prepared(): Promise<{ readonly podman: Podman; readonly image: string }> {
  if (!known) {
    const podman = podmanOf();
    known = { podman, image: podman.image() };
  }
  return { podman: known.podman, image: await known.image };
}

anyTest.after.always(async () => known?.podman.end());

withPodman('the image runs as a user, on a read-only root file system, without network', async (t) => {
  const { podman, image } = await prepared();
  const script = `id -u; touch /opt/x 2>/dev/null || echo read-only
    wirelab run mtls --no-tui >/tmp/said && echo proven
    wirelab certs ca && openssl x509 -in ca.crt -noout -subject
    curl --version | head -n 1 | cut -d ' ' -f 1
    find / -xdev \\( -name '*.test.js' -o -name npm -o -name 'ca-certificates.crt' -o -name '.git' \\) 2>/dev/null`;
  const said = await podman.said(
    [
      'run',
      '--rm',
      '--read-only',
      '--network',
      'none',
      '--cap-drop',
      'all',
      '--security-opt',
      'no-new-privileges',
      '--tmpfs',
      '/work:mode=1777',
      image,
      'sh',
      '-c',
      script,
    ], // prettier-ignore
  );
  const lines = said
    .split('\n')
    .filter((line) => /^(?:\d+|read-only|proven|subject=.*|curl|\/.*)$/.test(line));
  t.deepEqual(lines, ['10001', 'read-only', 'proven', 'subject=CN=Local CA', 'curl'], said);
});

withPodman('the image is small', async (t) => {
  const { podman, image } = await prepared();
  const bytes = Number(await podman.said(['image', 'inspect', '--format', '{{.Size}}', image]));
  t.true(bytes > 0 && bytes < 250e6, `${bytes} bytes`);
});
