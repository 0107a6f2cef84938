/**
 * The certificates that a lab brings itself, made once for each learner's folder. What a learner has made goes with them: they
 * are not made again behind the learner's back, neither when they are too old nor where they have been lost.
 */
import { systemClock } from '../core/clock.ts';
import { UserError } from '../i18n/user-error.ts';
import { isReady, openWorld } from '../pki/keystore/store.ts';
import { World } from '../pki/keystore/world.ts';
import { certificatesIn, readLabFolder } from './folder.ts';
import type { CompiledLab } from './lab.ts';

/**
 * A world without rows for a lab that brings none.
 * @param anew for a folder that is put back to its beginning.
 * @throws UserError for a folder that was begun with certificates which are not there any more, or not good any more.
 */
export async function labWorld(
  { certificates }: Pick<CompiledLab, 'certificates'>,
  folder: string,
  anew = false,
): Promise<World> {
  if (!certificates) return new World([], {});
  const options = {
    recipe: certificates.recipe,
    recipeName: certificates.name,
    folder: certificatesIn(folder),
    clock: systemClock,
    keeps: !anew,
  };
  if (!anew && readLabFolder(folder) !== undefined && !isReady(options)) {
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
