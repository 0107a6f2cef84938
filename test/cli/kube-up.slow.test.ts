/** The same, with crashes, the real etcd and damaged data. */
import './kube-up.test.ts';
