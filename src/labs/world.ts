/**
 * Makes the certificates of a lab, once for each learner's folder. The learner's own files depend on them, so they are never
 * made again silently, neither when they have expired nor when they are lost.
 */
import { systemClock } from '../core/clock.ts';
import { UserError } from '../i18n/user-error.ts';
import { isReady, openWorld } from '../pki/keystore/store.ts';
import { World } from '../pki/keystore/world.ts';
import { certificatesIn, readLabFolder } from './folder.ts';
import type { CompiledLab } from './lab.ts';

/**
 * A world without rows for a lab without certificates.
 * @param isReset for a folder that is reset.
 * @throws UserError if the folder's certificates are lost or have expired.
 */
export async function labWorld(
  { certificates }: Pick<CompiledLab, 'certificates'>,
  folder: string,
  isReset = false,
): Promise<World> {
  if (!certificates) return new World([], {});
  const options = {
    recipe: certificates.recipe,
    recipeName: certificates.name,
    folder: certificatesIn(folder),
    clock: systemClock,
    keeps: !isReset,
  };
  if (!isReset && readLabFolder(folder) !== undefined && !isReady(options)) {
    throw new UserError({
      what: {
        en: 'the certificates that were made for this folder are too old, or are on another machine',
        ko: '이 폴더를 시작할 때 만든 인증서가 너무 오래되었거나 다른 컴퓨터에 있습니다',
      },
      where: folder,
      expected: {
        en: `the lab's certificates in ${certificatesIn(folder)}`,
        ko: `실습의 인증서가 있는 ${certificatesIn(folder)}`,
      },
      remedy: {
        en: `Run wirelab lab reset in that folder: it starts the lab over with new certificates, and keeps your files aside.`,
        ko: `그 폴더에서 wirelab lab reset을 실행하면 새 인증서로 실습을 처음부터 시작하고, 지금 파일은 따로 보관합니다.`,
      },
    });
  }
  return openWorld(options);
}
