/** The board of a lab for the screen's tests: mutual-tls, as far as a test says. */
import { startBoard } from '../../../../src/labs/board.ts';
import type { BoardProgress, LabBoard } from '../../../../src/labs/board.ts';
import { loadLab } from '../../../../src/labs/load.ts';
import { verbCommands } from '../../../../src/ui/text/lab-speech.ts';
import { compiledLabs } from '../../../labs/support/learner.ts';

export const board = (
  name: string,
  progress: Partial<BoardProgress> = {},
  more: Partial<LabBoard> = {},
): LabBoard => ({
  ...startBoard(loadLab(name, compiledLabs), { done: [], hints: {}, ...progress }),
  ...more,
});

/** With two commands, and a lab behind it. */
export const boardOf = (more: Partial<LabBoard> = {}): LabBoard =>
  board(
    'mutual-tls',
    {},
    {
      commands: {
        all: ['alice', 'mallory'].map((name) => ({
          title: { en: `Wire A: as ${name}, to front`, ko: `구간 A: ${name}, front에 접속` },
          line: `curl --cert ${name}.crt --key ${name}.key https://shop.localhost:8443/login`,
          typed: `sh try/${name}`,
        })),
      },
      verbs: verbCommands('../wirelab'),
      next: {
        name: 'mend-five',
        title: { en: 'Mend five connections', ko: '연결 다섯 고치기' },
        minutes: 40,
        afterwards: {
          en: 'find out why a handshake fails',
          ko: '핸드셰이크가 왜 실패하는지 알아낼 수 있습니다',
        },
      },
      ...more,
    },
  );
