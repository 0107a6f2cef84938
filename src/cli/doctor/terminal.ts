/**
 * Checks the terminal. No check is essential: without a terminal the demonstrations are printed as text. Measurements
 * take precedence over environment variables, and what cannot be measured is reported as such.
 */
import { basename } from 'node:path';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { coloursOf } from '../../ui/tui/palette.ts';
import { themeFor } from '../../ui/tui/theme.ts';
import type { Theme } from '../../ui/tui/theme.ts';
import { smallest } from '../../ui/tui/frame.ts';
import { clipboardTool } from '../io/clipboard.ts';
import type { Check, Finding, RunContext } from './check.ts';

const complete = { columns: 80, rows: 24 };

const notMeasured: Localized = {
  en: 'not measured: no terminal answered',
  ko: '응답하는 터미널이 없어 측정하지 못했습니다',
};

function terminal({ terminal: size, variables }: RunContext): Finding {
  const name = safeText(variables['TERM'] || '');
  if (!size) {
    return {
      status: 'limited',
      found: { en: 'no: input or output is redirected', ko: '입력이나 출력이 터미널이 아닙니다' },
      means: {
        en: 'demonstrations are printed as plain text, without a UI',
        ko: '시연은 줄 단위로 출력됩니다',
      },
      remedy: {
        en: 'for the terminal UI, run wirelab in a terminal, without a pipe',
        ko: '터미널 화면을 쓰려면 파이프 없이 터미널에서 실행하세요',
      },
    };
  }
  if (name === 'dumb') {
    return {
      status: 'limited',
      found: {
        en: 'a terminal without cursor control (TERM=dumb)',
        ko: '기본 기능만 있는 터미널입니다(TERM=dumb)',
      },
      means: {
        en: 'demonstrations are printed as plain text, without a UI',
        ko: '시연은 줄 단위로 출력됩니다',
      },
      remedy: {
        en: 'use another terminal, or set TERM to the correct name',
        ko: '다른 터미널을 쓰거나 TERM을 실제 이름으로 설정하세요',
      },
      value: name,
    };
  }
  return {
    status: 'ok',
    found:
      name === ''
        ? { en: 'yes; TERM is not set', ko: '사용 가능(TERM 미설정)' }
        : { en: `yes, TERM=${name}`, ko: `사용 가능(TERM=${name})` },
    value: name,
  };
}

function size({ terminal: window }: RunContext): Finding {
  // Some serial lines and containers report a terminal of size zero.
  if (!window?.columns || !window.rows) return { status: 'unknown', found: notMeasured };
  const { columns, rows } = window;
  const value = `${columns}x${rows}`;
  if (columns >= complete.columns && rows >= complete.rows)
    return {
      status: 'ok',
      found: { en: `${columns} columns, ${rows} rows`, ko: `${columns}열 ${rows}행` },
      value,
    };
  const draws = columns >= smallest.columns && rows >= smallest.rows;
  return {
    status: 'limited',
    found: { en: `${columns} columns, ${rows} rows`, ko: `${columns}열 ${rows}행` },
    means: draws
      ? {
          en: 'the terminal UI omits parts below 80x24',
          ko: '80x24보다 작으면 터미널 화면의 일부가 생략됩니다',
        }
      : {
          en: `too small for the terminal UI, which needs at least ${smallest.columns}x${smallest.rows}`,
          ko: `터미널 화면에 필요한 ${smallest.columns}x${smallest.rows}보다 작습니다`,
        },
    remedy: {
      en: 'enlarge the window or use a smaller font: at least 80x24, preferably 120x40',
      ko: '창을 키우거나 글꼴을 줄이세요. 80x24 이상, 120x40이면 더 좋습니다',
    },
    value,
  };
}

/** The locale for characters, and the variable that sets it (POSIX section 8.2). */
function localeOf(variables: NodeJS.ProcessEnv): { readonly name: string; readonly said: string } {
  const variable = ['LC_ALL', 'LC_CTYPE', 'LANG'].find((candidate) => variables[candidate]);
  const name = safeText((variable && variables[variable]) ?? '');
  return { name, said: variable === undefined ? '' : `${variable}=${name}` };
}

function characters({ variables, probe }: RunContext): Finding {
  const { name, said } = localeOf(variables);
  const measured = probe?.answered ? probe.utf8 : undefined;
  const value = name;
  if (!/utf-?8/i.test(name)) {
    return {
      status: 'limited',
      found:
        said === ''
          ? {
              en: 'no locale is set, so the C locale is used',
              ko: '로캘이 설정되지 않아 C 로캘로 동작합니다',
            }
          : { en: `the locale is not UTF-8 (${said})`, ko: `로캘이 UTF-8이 아닙니다(${said})` },
      means: {
        en: 'frames and arrows may be drawn in ASCII, and Korean text may be unreadable',
        ko: '테두리와 화살표가 ASCII로 표시되고 한글이 깨질 수 있습니다',
      },
      remedy: {
        en: 'export LC_ALL=en_US.UTF-8 (or C.UTF-8)',
        ko: 'export LC_ALL=ko_KR.UTF-8 (또는 C.UTF-8)',
      },
      value,
    };
  }
  if (measured === false) {
    return {
      status: 'limited',
      found: {
        en: `the locale is UTF-8 (${said}), but the terminal does not decode UTF-8`,
        ko: `로캘은 UTF-8(${said})이지만 터미널이 UTF-8로 표시하지 않습니다`,
      },
      means: { en: 'frames and Korean text are garbled', ko: '테두리와 한글이 깨져 보입니다' },
      remedy: {
        en: 'set the terminal’s character set to UTF-8 (inside tmux: start it as tmux -u)',
        ko: '터미널의 문자 집합을 UTF-8로 바꾸세요(tmux에서는 tmux -u로 시작)',
      },
      value,
    };
  }
  const found = measured
    ? {
        en: `${said}; the terminal decodes UTF-8 (measured)`,
        ko: `${said}, 터미널도 UTF-8로 표시합니다(측정함)`,
      }
    : { en: `${said}; the terminal was not measured`, ko: `${said}(터미널은 측정하지 않음)` };
  return { status: 'ok', found, value };
}

function width({ probe }: RunContext): Finding {
  if (!probe?.answered) return { status: 'unknown', found: notMeasured };
  const { ambiguousAsWide, hangulCells } = probe;
  const arrows = ambiguousAsWide ? 2 : 1;
  const found = {
    en: `an arrow or a line takes ${arrows} cell${arrows === 1 ? '' : 's'}, Hangul takes ${hangulCells}`,
    ko: `화살표와 테두리는 ${arrows}칸, 한글은 ${hangulCells}칸`,
  };
  const value = `${arrows}/${hangulCells}`;
  if (hangulCells !== 2) {
    return {
      status: 'limited',
      found,
      means: { en: 'lines with Korean text are misaligned', ko: '한글이 있는 줄의 끝이 어긋납니다' },
      remedy: {
        en: 'use a terminal that displays Hangul in two cells, or --lang en',
        ko: '한글을 두 칸으로 표시하는 터미널을 쓰거나 --lang en으로 실행하세요',
      },
      value,
    };
  }
  if (ambiguousAsWide) {
    return {
      status: 'limited',
      found,
      means: { en: 'frames are drawn in ASCII', ko: '테두리를 ASCII로 그립니다' },
      remedy: {
        en: 'in the terminal’s settings, make characters of ambiguous width narrow',
        ko: '터미널 설정에서 모호한 너비(ambiguous width) 문자를 좁게 표시하도록 바꾸세요',
      },
      value,
    };
  }
  return { status: 'ok', found, value };
}

const tmuxColours: Localized = {
  en: 'tmux set -g default-terminal tmux-256color, then a new window',
  ko: 'tmux set -g default-terminal tmux-256color 실행 후 새 창 열기',
};

const themeNames: Readonly<Record<Theme, Localized>> = {
  dark: { en: 'dark', ko: '어두운 배경' },
  light: { en: 'light', ko: '밝은 배경' },
  contrast: { en: 'high contrast', ko: '높은 대비' },
};

function colours({ variables, probe }: RunContext): Finding {
  const { depth: many, because } = coloursOf(variables);
  const reason = variables[because] ? `${because}=${safeText(variables[because])}` : undefined;
  const value = many;
  if (because === 'NO_COLOR') {
    return {
      status: 'ok',
      found: {
        en: `disabled by ${reason}; bold and reverse remain`,
        ko: `사용 안 함(${reason} 설정에 따름). 굵은 글씨와 반전은 그대로 씁니다`,
      },
      value,
    };
  }
  if (many === '256') {
    const theme = themeNames[themeFor(variables, probe?.background)];
    return {
      status: 'ok',
      found: { en: `256 (${reason}), theme: ${theme.en}`, ko: `256색(${reason}), 테마: ${theme.ko}` },
      value,
    };
  }
  // Inside tmux, TERM names tmux itself: changing it there would be wrong.
  const remedy =
    multiplexerOf(variables) === 'tmux'
      ? tmuxColours
      : {
          en: 'if the terminal supports 256 colours: export TERM=xterm-256color',
          ko: '256색 터미널이라면: export TERM=xterm-256color',
        };
  if (many === '16')
    return {
      status: 'limited',
      found: {
        en: `16 (${reason}); no information depends on colour alone`,
        ko: `16색(${reason}). 색만으로 구별하는 정보는 없습니다`,
      },
      remedy,
      value,
    };
  const none =
    reason === undefined
      ? { en: 'none (TERM is not set)', ko: '없음(TERM 미설정)' }
      : { en: `none (${reason})`, ko: `없음(${reason})` };
  return {
    status: 'limited',
    found: none,
    means: { en: 'marks and words carry the same information', ko: '기호와 글자로 같은 내용을 알려 줍니다' },
    remedy,
    value,
  };
}

const multiplexers: readonly { readonly name: string; readonly variable: string }[] = [
  { name: 'tmux', variable: 'TMUX' },
  { name: 'GNU screen', variable: 'STY' },
];

/** The multiplexer between wirelab and the terminal. */
export const multiplexerOf = (variables: NodeJS.ProcessEnv): string | undefined =>
  multiplexers.find(({ variable }) => variables[variable])?.name;

function mouse({ variables }: RunContext): Finding {
  const between = multiplexerOf(variables);
  const name = safeText(variables['TERM'] || '-');
  return {
    status: 'unknown',
    found: between
      ? {
          en: `cannot be measured (TERM=${name}, through ${between})`,
          ko: `측정할 수 없습니다(TERM=${name}, ${between} 사용 중)`,
        }
      : {
          en: `cannot be measured (TERM=${name}, no tmux or screen)`,
          ko: `측정할 수 없습니다(TERM=${name}, tmux나 screen 없음)`,
        },
    means: {
      en: 'every action also has a key; f releases the mouse for selecting text',
      ko: '모든 기능은 키로도 쓸 수 있습니다. f를 누르면 마우스로 글자를 선택할 수 있습니다',
    },
  };
}

/** Without one of these variables no program can reach a clipboard. */
const displays: readonly { readonly variable: string; readonly remedy: Localized }[] = [
  { variable: 'WAYLAND_DISPLAY', remedy: verbatim('apt install wl-clipboard') },
  { variable: 'DISPLAY', remedy: verbatim('apt install xclip') },
];

const otherwise: Readonly<Record<'tmux' | 'plain', Localized>> = {
  tmux: {
    en: 'let tmux forward it: tmux set -g set-clipboard on',
    ko: 'tmux가 전달하도록 설정하세요: tmux set -g set-clipboard on',
  },
  plain: {
    en: 'allow it in the terminal’s settings, or select text with the mouse',
    ko: '터미널 설정에서 허용하거나 마우스로 선택하세요',
  },
};

function clipboard({ variables, which, platform }: RunContext): Finding {
  const tool = clipboardTool(variables, which, platform);
  if (tool) {
    const program = safeText(basename(tool.command));
    return {
      status: 'ok',
      found: { en: `${program}; OSC 52 is the alternative`, ko: `${program}(다른 방법: OSC 52)` },
      value: tool.command,
    };
  }
  const display = displays.find(({ variable }) => variables[variable]);
  return {
    status: 'limited',
    found: display
      ? { en: 'no clipboard program in PATH', ko: 'PATH에 복사용 프로그램이 없습니다' }
      : {
          en: 'this session has no desktop',
          ko: '이 세션에서 쓸 수 있는 데스크톱 화면이 없습니다',
        },
    means: {
      en: 'copying can use the terminal (OSC 52), if it allows that',
      ko: '터미널이 허용하면 터미널을 통해(OSC 52) 복사할 수 있습니다',
    },
    remedy: display?.remedy ?? otherwise[multiplexerOf(variables) === 'tmux' ? 'tmux' : 'plain'],
  };
}

export const terminalChecks: readonly Check[] = [
  { name: 'terminal', group: 'terminal', title: { en: 'terminal', ko: '터미널' }, run: terminal },
  { name: 'size', group: 'terminal', title: { en: 'window size', ko: '창 크기' }, run: size },
  { name: 'characters', group: 'terminal', title: verbatim('UTF-8'), run: characters },
  { name: 'width', group: 'terminal', title: { en: 'cell widths', ko: '글자 폭' }, run: width },
  { name: 'colours', group: 'terminal', title: { en: 'colours', ko: '색상' }, run: colours },
  { name: 'mouse', group: 'terminal', title: { en: 'mouse', ko: '마우스' }, run: mouse },
  { name: 'clipboard', group: 'terminal', title: { en: 'clipboard', ko: '클립보드' }, run: clipboard },
];
