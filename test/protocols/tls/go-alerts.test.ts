/** How Go words an alert that it received. */
import test from 'ava';
import { alertOf } from '../../../src/capture/vocabulary.ts';
import { remoteErrorText } from '../../../src/protocols/tls/go-alerts.ts';

test('an alert is worded as Go’s crypto/tls words it, known to the table or not', (t) => {
  const texts: readonly (readonly [code: number, text: string])[] = [
    [40, 'handshake failure'],
    [42, 'bad certificate'],
    [45, 'expired certificate'],
    [48, 'unknown certificate authority'],
    [116, 'certificate required'],
    [120, 'no application protocol'],
  ];
  for (const [code, text] of texts)
    t.is(remoteErrorText(alertOf(code, 'fatal')), `remote error: tls: ${text}`);
});
