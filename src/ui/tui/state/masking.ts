/**
 * Masks secrets on the screen. Masking affects the display only: what was captured, written or judged does not change.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import { escapedText } from '../../../i18n/safe.ts';
import type { Model } from './model.ts';
import { sceneOf } from './model.ts';
import { Pen, dotsFor, withDots } from '../pen.ts';

/** A pen for everything on this screen, which cannot write masked text. */
export function penFor(model: Model): Pen {
  return new Pen({ language: model.language, ascii: model.ascii, hidden: hiddenOf(model) });
}

/** Replaces every secret of the run in a text that is shown or copied. */
export function masked(model: Model, text: string): string {
  return withDots(text, hiddenOf(model));
}

/** The same, and credentials of that message found by their shape: passwords and sessions of any user, as sent and as decoded. */
export function maskedIn(
  model: Model,
  message: Pick<WireMessage, 'offset' | 'bytes' | 'credentials'>,
  text: string,
): string {
  if (!model.masked) return text;
  const bytes = Buffer.from(message.bytes() ?? []);
  const values = message
    .credentials()
    .flatMap(({ value, offset, length }) => [
      value,
      bytes.toString('utf8', offset - message.offset, offset - message.offset + length),
    ]);
  return withDots(masked(model, text), values.filter(Boolean));
}

function hiddenOf(model: Model): string[] {
  return model.masked ? [...(sceneOf(model)?.sources.secrets.values() ?? [])] : [];
}

/** How the value of a secret is written: in one line, whatever it contains. */
export function showing({ masked: isMasked }: Model): (value: string) => string {
  return (value) => (isMasked ? dotsFor(escapedText(value)) : escapedText(value));
}
