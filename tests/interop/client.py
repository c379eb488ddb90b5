"""A stock client: asks a node, checks its health, reads its interface, and is refused where it must be.

Nothing here knows Huxin but the stubs that protoc made from the .proto files.
"""

import hashlib
import json
import os
import pathlib
import sys
import unittest

import grpc
from cryptography.hazmat.primitives import serialization
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from huxin.v1 import (
    common_pb2,
    ledger_pb2,
    ledger_pb2_grpc,
    recognition_pb2,
    recognition_pb2_grpc,
    registry_pb2,
    registry_pb2_grpc,
)

KEPT = json.loads(pathlib.Path(sys.argv.pop(1)).read_text())["kept"]
NODES = {node["region"]: node for node in KEPT["nodes"]}
TIMEOUT = 10


def credentials(region, party, roots=None):
    """TLS credentials of a party, which trusts one province's root."""
    folder = pathlib.Path(NODES[region]["folder"])
    root = pathlib.Path(NODES[roots or region]["folder"]) / "ca.pem"
    key = (folder / f"{party}.key").read_bytes() if party else None
    chain = (folder / f"{party}.pem").read_bytes() if party else None
    return grpc.ssl_channel_credentials(root.read_bytes(), key, chain)


def channel(to, region, party):
    return grpc.secure_channel(NODES[to]["endpoint"], credentials(region, party, roots=to))


def document(body="42990119880101001"):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11]
    return common_pb2.Document(type=111, number=body + check)


def statement_key(region, department):
    """A department's key, which no node holds, and its id."""
    text = (pathlib.Path(NODES[region]["folder"]) / f"statement-{department}.key").read_bytes()
    key = serialization.load_pem_private_key(text, password=None)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return key, hashlib.sha256(public).digest()[:8]


def reason(refused):
    """The trailer that holds the stable reason."""
    return dict(refused.exception.trailing_metadata())["grpc-status-details-bin"]


def question(place="gz-south-station", purpose="travel"):
    presented = recognition_pb2.PresentedDocument(document=document(), home_region="42")
    return recognition_pb2.RecogniseRequest(
        presentations=[recognition_pb2.Presentation(document=presented, test_regions=["43"])],
        place_id=place,
        purpose=purpose,
        origin_area="420102",
        request_id=os.urandom(16),
    )


class StockClient(unittest.TestCase):
    def test_a_traveller_is_admitted_with_a_receipt(self):
        with channel("44", "44", "app-gd-transport-checkpoint") as to:
            stub = recognition_pb2_grpc.RecognitionStub(to)
            reply = stub.Recognise(question(), timeout=TIMEOUT)
        (result,) = reply.results
        self.assertEqual(result.decision.outcome, recognition_pb2.OUTCOME_ADMIT)
        self.assertEqual({asked.region for asked in result.decision.asked}, {"42", "43", "44"})
        self.assertEqual(recognition_pb2.Decision.FromString(result.receipt.body), result.decision)
        self.assertEqual(len(result.receipt.path) % 32, 0)

    def test_the_newest_checkpoint_is_read(self):
        with channel("42", "44", "app-gd-transport-checkpoint") as to:
            stub = ledger_pb2_grpc.LedgerStub(to)
            checkpoint = stub.Checkpoint(ledger_pb2.CheckpointRequest(), timeout=TIMEOUT).checkpoint
        self.assertTrue(checkpoint.startswith("hb.example/log/0\n"), checkpoint)
        self.assertIn("\n\n— hb.example/log/0 ", checkpoint)

    def test_health_and_reflection_answer(self):
        with channel("44", "44", "operator-duty-1") as to:
            health = health_pb2_grpc.HealthStub(to)
            reply = health.Check(health_pb2.HealthCheckRequest(service="huxin.v1.Recognition"), timeout=TIMEOUT)
            self.assertEqual(reply.status, health_pb2.HealthCheckResponse.SERVING)
            services = set(ProtoReflectionDescriptorDatabase(to).get_services())
        self.assertLessEqual({"huxin.v1.Recognition", "huxin.v1.Peer", "huxin.v1.Ledger"}, services)

    def test_another_role_is_refused_with_a_stable_reason(self):
        with channel("44", "44", "operator-duty-1") as to:
            with self.assertRaises(grpc.RpcError) as refused:
                recognition_pb2_grpc.RecognitionStub(to).Recognise(question(), timeout=TIMEOUT)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        self.assertIn(b"rpc_not_allowed", reason(refused))

    def test_a_department_prepares_signs_states_and_withdraws_a_fact(self):
        key, kid = statement_key("42", "hb-data")
        subject = document("42990119880101003")
        claims = registry_pb2.Claims(kind=common_pb2.KIND_HEALTH_CODE, status="00", native_label="鄂汇绿")
        with channel("42", "42", "department-hb-data") as to:
            stub = registry_pb2_grpc.RegistryStub(to)
            request = registry_pb2.PrepareRequest(claims=claims, subject=subject, kid=kid)
            prepared = stub.Prepare(request, timeout=TIMEOUT)
            self.assertEqual(hashlib.sha256(prepared.claims).digest(), prepared.digest)
            self.assertIn(prepared.claims, prepared.to_be_signed)
            signed = registry_pb2.PreparedStatement(
                protected=prepared.protected,
                claims=prepared.claims,
                signature=key.sign(prepared.to_be_signed),
                subject=subject,
                subject_salt=prepared.subject_salt,
            )
            request = registry_pb2.StateRequest(request_id=os.urandom(16), prepared=signed)
            reply = stub.State(request, timeout=TIMEOUT)
            self.assertEqual((reply.digest, reply.changed), (prepared.digest, True))
            self.assertEqual(stub.State(request, timeout=TIMEOUT), reply)

            altered = registry_pb2.PreparedStatement()
            altered.CopyFrom(signed)
            altered.signature = bytes(64)
            with self.assertRaises(grpc.RpcError) as refused:
                request = registry_pb2.StateRequest(request_id=os.urandom(16), prepared=altered)
                stub.State(request, timeout=TIMEOUT)
            self.assertIn(b"statement_refused", reason(refused))

            request = registry_pb2.WithdrawRequest(
                request_id=os.urandom(16), subject=subject, digest=reply.digest
            )
            self.assertTrue(stub.Withdraw(request, timeout=TIMEOUT).changed)
            (stated,) = stub.History(registry_pb2.HistoryRequest(subject=subject), timeout=TIMEOUT).statements
            self.assertEqual(stated.digest, reply.digest)
            self.assertEqual(stated.state, registry_pb2.STATEMENT_STATE_WITHDRAWN)

    def test_without_a_certificate_nothing_is_answered(self):
        with channel("44", "44", None) as to:
            with self.assertRaises(grpc.RpcError) as refused:
                health_pb2_grpc.HealthStub(to).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_another_provinces_certificate_may_not_ask_for_recognition(self):
        with channel("44", "42", "app-commerce-1-gate") as to:
            with self.assertRaises(grpc.RpcError) as refused:
                recognition_pb2_grpc.RecognitionStub(to).Recognise(question(), timeout=TIMEOUT)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED)


if __name__ == "__main__":
    unittest.main(verbosity=2)
