"""The custom actions of the flows, as rasa-sdk classes: the same in process and under `python -m rasa_sdk`."""
